// Packets as a notebook has them: `PROPOSAL (2,1)`.

import { readAckEpoch, readActivation, readFollowerInfo } from "../../../src/quorum/packet-data.js";
import { counterOf, epochOf, type Zxid } from "../../../src/wire/ids.js";
import { QuorumPacketType as Type } from "../../../src/wire/op-codes.js";
import type { QuorumPacket } from "../../../src/wire/records.js";

const names = new Map<number, string>(
  Object.entries(Type).map(([name, type]) => [type, name.toUpperCase()]),
);

export function typeName(packet: QuorumPacket): string {
  return names.get(packet.type) ?? `type ${packet.type}`;
}

export function zxidText(zxid: Zxid): string {
  if (zxid < 0) return String(zxid);
  return `(${epochOf(zxid)},${counterOf(zxid)})`;
}

/** (2,1) → zxid */
export function zxidOf(text: string): Zxid {
  const found = /^\((\d+),(\d+)\)$/.exec(text);
  if (found === null) throw new Error(`"${text}" is not a zxid like (2,1)`);
  return (Number(found[1]) * 2 ** 32 + Number(found[2])) as Zxid;
}

export function packetText(packet: QuorumPacket): string {
  const name = typeName(packet);
  switch (packet.type) {
    case Type.upToDate:
      return name;
    case Type.followerInfo:
    case Type.observerInfo:
      return `${name} accepted epoch ${readFollowerInfo(packet).acceptedEpoch}`;
    case Type.leaderInfo:
      return `${name} epoch ${epochOf(packet.zxid)}`;
    case Type.ackEpoch:
      return `${name} ${zxidText(packet.zxid)}, current epoch ${readAckEpoch(packet) ?? "-1: promised before"}`;
    case Type.commitAndActivate:
    case Type.informAndActivate:
      return `${name} ${zxidText(packet.zxid)}, to be led by ${readActivation(packet).leader}`;
    case Type.newLeader: {
      const version = /version=([0-9a-f]+)$/.exec(packet.data?.toString() ?? "")?.[1] ?? "0";
      const told =
        version === "0" ? "" : `, configuration ${zxidText(Number.parseInt(version, 16) as Zxid)}`;
      return `${name} ${zxidText(packet.zxid)}${told}`;
    }
    default:
      return `${name} ${zxidText(packet.zxid)}`;
  }
}
