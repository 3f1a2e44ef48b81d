/**
 * Who a certificate names: URIs among its subject alternative names, which only the alliance's CA writes.
 *
 *   dure://<alliance>/<role>/<id>            who the holder is
 *   dure://<alliance>/identity-key/<key>     the Ed25519 key that the holder proved to own when it enrolled
 */

export type MemberRole = "site" | "researcher" | "coordinator" | "operator";

export const memberRoles: readonly MemberRole[] = ["site", "researcher", "coordinator", "operator"];

export interface MemberName {
  readonly alliance: string;
  readonly role: MemberRole;
  readonly id: string;
}

export interface NamesInUris {
  readonly member: MemberName | undefined;
  readonly identityKey: string | undefined;
  /** The alliance of a CA certificate, which names no member. */
  readonly authority: string | undefined;
}

/** What may name an alliance or a member inside a URI, a file name and a DNS-like label. */
export const isName = (value: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value);

export const memberUri = ({ alliance, role, id }: MemberName): string => `dure://${alliance}/${role}/${id}`;
export const identityKeyUri = (alliance: string, key: string): string => `dure://${alliance}/identity-key/${key}`;
export const authorityUri = (alliance: string): string => `dure://${alliance}/authority/ca`;

/** Reads a certificate's URIs. Two members, or two keys, or parts of two alliances in one certificate name nobody. */
export function readUris(uris: readonly string[]): NamesInUris {
  const parsed = uris.flatMap((uri) => parseUri(uri) ?? []);
  const nobody = { member: undefined, identityKey: undefined, authority: undefined };
  if (new Set(parsed.map(({ alliance }) => alliance)).size !== 1) return nobody;
  const members = parsed.flatMap(({ alliance, kind, value }) => {
    const role = memberRoles.find((known) => known === kind);
    return role === undefined ? [] : [{ alliance, role, id: value }];
  });
  const keys = parsed.filter(({ kind }) => kind === "identity-key");
  if (members.length > 1 || keys.length > 1) return nobody;
  const authority = parsed.find(({ kind }) => kind === "authority")?.alliance;
  return { member: members[0], identityKey: keys[0]?.value, authority };
}

function parseUri(uri: string): { readonly alliance: string; readonly kind: string; readonly value: string } | undefined {
  const match = /^dure:\/\/([A-Za-z0-9][A-Za-z0-9._-]{0,62})\/([a-z-]{1,20})\/([A-Za-z0-9._-]{1,64})$/.exec(uri);
  const [, alliance, kind, value] = match ?? [];
  return alliance === undefined || kind === undefined || value === undefined ? undefined : { alliance, kind, value };
}
