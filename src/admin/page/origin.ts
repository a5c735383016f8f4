// Whether a request may come from a page of ours: whom it believes to ask, and where its browser says that it comes from.
//
// A browser sends a stranger's script to us when the stranger's name leads here, and then takes us for the stranger. Addresses
// and names that can only be ours are safe from that; others must be configured.

import { parseAddress } from "../../auth/ip-address.js";
import type { AdminContext } from "../admin-context.js";

export function isHostAllowed(context: AdminContext, header: string | undefined): boolean {
  if (header === undefined) return false;
  const name = hostOf(header)?.toLowerCase().replace(/\.$/, "");
  if (name === undefined) return false;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (parseAddress(name) !== undefined) return true;
  const { config, door } = context;
  const members = context.ensemble()?.membership.servers ?? [];
  const ours = [
    door.platform.host.hostName,
    config.admin.serverAddress,
    ...config.admin.pageHosts,
    ...members.flatMap(({ addresses }) => addresses.map(({ host }) => host)),
  ];
  return ours.some((one) => one.toLowerCase() === name);
}

/** `name`, `name:port`, `[address]`, `[address]:port`. */
function hostOf(header: string): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/@]+))(?::\d{1,5})?$/.exec(header.trim());
  return match?.[1] ?? match?.[2];
}

/** Browsers say so, and scripts cannot change it; whoever is no browser says nothing. */
export function isOfAnotherSite(headers: ReadonlyMap<string, string>): boolean {
  const site = headers.get("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return false;
  // A link on another page may lead here: that shows us to the person who follows it, and to nobody else.
  return headers.get("sec-fetch-mode") !== "navigate";
}
