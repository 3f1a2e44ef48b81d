/** How many bytes a message of a run takes on the wire. */

import { toBinary } from "@bufbuild/protobuf";
import {
  ToCoordinatorSchema,
  ToSiteSchema,
  type ToCoordinator as WireToCoordinator,
  type ToSite as WireToSite,
} from "./gen/dure/v1/run_pb.ts";

export const toSiteBytes = (message: WireToSite): number => toBinary(ToSiteSchema, message).byteLength;
export const toCoordinatorBytes = (message: WireToCoordinator): number => toBinary(ToCoordinatorSchema, message).byteLength;
