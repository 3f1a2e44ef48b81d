export * as alliance from "./gen/dure/v1/alliance_pb.ts";
export { deliveriesMax, messageBytesMax, pollWaitMsMax, postsPerPollMax, presenceMs } from "./limits.ts";
export { toCoordinatorBytes, toSiteBytes } from "./message-bytes.ts";
export { parseJson, readApproval, readRoster, writeApproval, writeRoster } from "./parts.ts";
export { problemsFromHeaders, problemsToHeaders } from "./problem-metadata.ts";
export { resultContext } from "./result-context.ts";
export { readToCoordinator, writeToCoordinator } from "./to-coordinator.ts";
export { malformed, readToSite, writeToSite } from "./to-site.ts";
