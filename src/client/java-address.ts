// Addresses as Java prints them: scripts cut them out of `cons` and `stat`, and an `ip` identity is compared as text.

/** Java: InetAddress.getHostAddress. IPv6 in full, without leading zeros; a zone stays behind it. */
export function hostAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [whole, zone] = splitOnce(address, "%");
  const [before, after] = splitOnce(whole, "::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const missing = after === undefined ? 0 : Math.max(8 - head.length - tail.length, 0);
  const groups = [...head, ...Array<string>(missing).fill("0"), ...tail];
  const full = groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
  return zone === undefined ? full : `${full}%${zone}`;
}

/** Java: InetSocketAddress.toString for an address without a name. */
export function socketAddress(address: string, port: number): string {
  const host = hostAddress(address);
  return host.includes(":") ? `/[${host}]:${port}` : `/${host}:${port}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
