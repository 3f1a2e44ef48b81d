/**
 * A folder for a hospital that is of no alliance: it loads, maps and checks its own records, and nobody else is asked.
 *
 * It has the keys that a store needs and no others. Enrolling the same folder later keeps them, so every patient keeps the surrogate.
 */

import { DureError, type SecureRandom, text } from "@dure/kernel";
import { findPrivateFile, writePrivateFile } from "@dure/machine";
import { makeSiteHome, type SitePaths, type SiteSettings, writeSettings } from "./site-home.ts";

export interface HomeStart {
  readonly home: string;
  readonly organisation: string;
  readonly random: SecureRandom;
}

const SECRET_BYTES = 32;

/** @throws DureError `site/home-exists` where the folder is a site's already: its name and keys stay as they are. */
export function initHome({ home, organisation, random }: HomeStart): SiteSettings {
  const paths = makeSiteHome(home);
  if (findPrivateFile(paths.settings) !== undefined) throw homeExists(paths.root);
  makeStoreKeys(paths, random);
  const settings: SiteSettings = {
    ...{ version: 1, siteId: "", organisation, role: "site", source: { kind: "store" } },
    ...{ alliance: "", coordinatorUrl: "", coordinatorKey: "", stewardKey: "" },
  };
  writeSettings(paths, settings);
  return settings;
}

/** The keys without which there is no store; those that are there stay. */
export function makeStoreKeys(paths: SitePaths, random: SecureRandom): void {
  keepPrivateFile(paths.siteSecret, () => random.bytes(SECRET_BYTES));
  keepPrivateFile(paths.personKey, () => random.bytes(SECRET_BYTES));
}

/** What the file has; where there is none, what is made now. */
export function keepPrivateFile(path: string, make: () => Uint8Array): Uint8Array {
  const kept = findPrivateFile(path);
  if (kept !== undefined) return kept;
  const made = make();
  writePrivateFile(path, made);
  return made;
}

function homeExists(root: string): DureError {
  return new DureError({
    code: "site/home-exists",
    severity: "error",
    place: { file: root },
    what: text("This folder belongs to a site already; nothing was changed.", "이미 기관의 폴더입니다. 아무것도 바꾸지 않았습니다."),
    remedy: text("Go on with it, or name another folder.", "이 폴더로 계속 진행하시거나 다른 폴더를 지정해 주십시오."),
  });
}
