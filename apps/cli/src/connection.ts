/** A line to the coordinator for the length of one command, with the keys of an enrolled folder. */

import { type Connection, connectFromHome, readMemberSettings, type SitePaths, type SiteSettings, sitePaths } from "@dure/site";

export interface Enrolled {
  readonly connection: Connection;
  readonly paths: SitePaths;
  readonly settings: SiteSettings;
}

/** @throws DureError `site/not-enrolled`, `site/no-alliance`; problems that the coordinator names come as it sent them */
export async function withConnection<Result>(home: string, work: (enrolled: Enrolled) => Promise<Result>): Promise<Result> {
  const settings = readMemberSettings(home);
  const paths = sitePaths(home);
  const connection = connectFromHome(paths, settings);
  try {
    return await work({ connection, paths, settings });
  } finally {
    connection.close();
  }
}
