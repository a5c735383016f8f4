// What both sides of SASL GSSAPI (RFC 4752) say after their GSS context is established, in one wrapped message each:
//
//   server   layers that it offers (1 byte), the largest message that it takes (3 bytes)
//   client   the layer that it chose, the largest message that it takes, whom it wants to be taken for (UTF-8)
//
// ZooKeeper uses no layer: the connection is neither hidden nor protected afterwards, which is what TLS is for.

/** No protection. */
export const NO_LAYER = 1;

/** Java names its buffer, though nothing will ever be wrapped. */
const RECEIVE_MAX_BYTES = 65_536;

const HEAD_BYTES = 4;

export function layerMessage(authorizationId = ""): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(RECEIVE_MAX_BYTES);
  head[0] = NO_LAYER;
  return Buffer.concat([head, Buffer.from(authorizationId, "utf8")]);
}

export interface LayerMessage {
  readonly layers: number;
  readonly authorizationId: string | undefined;
}

/** Undefined: too short. */
export function readLayerMessage(message: Buffer): LayerMessage | undefined {
  if (message.length < HEAD_BYTES) return undefined;
  const rest = message.subarray(HEAD_BYTES);
  return {
    layers: message[0]!,
    authorizationId: rest.length === 0 ? undefined : rest.toString("utf8"),
  };
}
