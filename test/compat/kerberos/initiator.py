"""The client's side of a GSS-API exchange by MIT's library, for tests: a line of JSON in, a line of JSON out.

{"begin": target, "principal": …, "keytab": …, "mutual": true}   a new context     {"step": hex}   {"wrap": hex, "hide": false}   {"unwrap": hex}
"""
import json
import sys

import gssapi

NAME = gssapi.NameType.kerberos_principal
FLAGS = gssapi.RequirementFlag
context = None


def begin(ask):
    global context
    name = gssapi.Name(ask["principal"], NAME)
    store = {"client_keytab": ask["keytab"], "ccache": "MEMORY:" + ask["principal"]}
    credential = gssapi.Credentials(name=name, usage="initiate", store=store)
    flags = FLAGS.integrity | FLAGS.confidentiality | FLAGS.replay_detection | FLAGS.out_of_sequence_detection
    if ask.get("mutual"):
        flags |= FLAGS.mutual_authentication
    mechanism = gssapi.MechType.kerberos
    context = gssapi.SecurityContext(name=gssapi.Name(ask["begin"], NAME), creds=credential, flags=flags, mech=mechanism, usage="initiate")
    return context.step()


def answer(ask):
    if "begin" in ask:
        return begin(ask)
    if "step" in ask:
        return context.step(bytes.fromhex(ask["step"])) or b""
    if "wrap" in ask:
        return context.wrap(bytes.fromhex(ask["wrap"]), ask.get("hide", False)).message
    return context.unwrap(bytes.fromhex(ask["unwrap"])).message


for line in sys.stdin:
    try:
        print(json.dumps({"token": answer(json.loads(line)).hex()}), flush=True)
    except Exception as error:  # Whatever it is, the test wants to know.
        print(json.dumps({"error": str(error)}), flush=True)
