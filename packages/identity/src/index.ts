export { type Approval, type ApprovalTerms, type OwnRelease, ownReleases } from "./approval.ts";
export { hashRoster, makeRoster, type Roster, type RosterMember, type SiteRole } from "./roster.ts";
