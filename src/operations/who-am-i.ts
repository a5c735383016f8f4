// whoAmI (107): what the client has shown to be, without the secrets in it. Java: AuthUtil.getClientInfos.

import { ErrorCode } from "../wire/error-codes.js";
import { OpCode } from "../wire/op-codes.js";
import { writeClientInfoVector } from "../wire/records.js";
import type { ReadOperation } from "./operation.js";

export const whoAmI: ReadOperation<null> = {
  kind: "read",
  type: OpCode.whoAmI,
  shortName: "HOMI",
  decode: () => null,

  read({ caller, settings }, _request, out) {
    const infos = caller.identities.map((identity) => ({
      authScheme: identity.scheme,
      user: settings.schemes.userNameOf(identity) ?? "",
    }));
    writeClientInfoVector(out, infos);
    return ErrorCode.ok;
  },
};
