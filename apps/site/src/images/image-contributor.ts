/**
 * The images that a site has taken, as rows of IMAGE_OCCURRENCE: one for each series.
 *
 * The table is an extension of OMOP, not part of v5.4: Medical Imaging CDM, W. Y. Park et al., "Development of Medical Imaging Data
 * Standardization for Imaging-Based Observational Research: OMOP Common Data Model Extension", J Imaging Inform Med 37 (2024) 899-908. Days are
 * the archive's own, as all days in OMOP; UIDs and paths are those of the de-identified files. A person without any other record in the
 * snapshot is not made by an image: such series are excluded, and counted.
 */

import type { SourceCode } from "@dure/clinical";
import { sourceCodeKey } from "@dure/clinical";
import type { ExcludedCount } from "../ingest/load-report.ts";
import { resolvePersons } from "../ingest/person-keys.ts";
import type { Contributor, SnapshotContext } from "../load/contributor.ts";
import type { ContributorReport } from "../load/contributor-report.ts";
import { identifier, join, sql } from "../store/clinical-sql.ts";
import { ImageCatalogue, type TakenImage } from "./image-catalogue.ts";

export interface ImageSource {
  readonly cataloguePath: string;
}

/** Contributes after those that bring the persons. */
export const imageContributor = ({ cataloguePath }: ImageSource): Contributor => ({
  name: "images",
  filePaths: [],
  contribute: (context) => contribute(context, cataloguePath),
});

const REASONS = ["no day of the study", "patient opted out", "person has no other record"] as const;

async function contribute(context: SnapshotContext, cataloguePath: string): Promise<ContributorReport> {
  const { session, schema } = context;
  using catalogue = new ImageCatalogue(cataloguePath);
  await session.run(sql`
    CREATE TEMP TABLE image_series (
      patient_number VARCHAR, study_uid VARCHAR, series_uid VARCHAR, modality VARCHAR, body_part VARCHAR, study_date DATE, path VARCHAR, images BIGINT)`);
  await session.append("image_series", ["text", "text", "text", "text", "text", "date", "text", "bigint"], seriesRows(catalogue));
  await session.run(sql`CREATE TEMP TABLE image_opt_out (patient_number VARCHAR)`);
  await session.append(
    "image_opt_out",
    ["text"],
    context.optOut.map((number) => [number.trim()]),
  );
  await resolvePersons(
    session,
    context.keyTable,
    sql`SELECT patient_number FROM image_series ANTI JOIN image_opt_out USING (patient_number) WHERE study_date IS NOT NULL`,
  );
  await session.run(sql`
    CREATE TEMP TABLE image_rows AS
    SELECT s.*, i.person_id, CASE WHEN s.study_date IS NULL THEN 1 WHEN o.patient_number IS NOT NULL THEN 2 WHEN p.person_id IS NULL THEN 3 ELSE 0 END AS x
    FROM image_series s LEFT JOIN image_opt_out o ON o.patient_number = s.patient_number LEFT JOIN person_ids i ON i.person_key = s.patient_number
    LEFT JOIN ${identifier(schema)}.person p ON p.person_id = i.person_id`);
  await createTable(context);
  const mapped = await insertRows(context);
  const counts = new Map(
    (await session.rows(sql`SELECT x, count(*) FROM image_rows GROUP BY x`)).map(([x, count]) => [Number(x), Number(count)]),
  );
  const excluded = REASONS.flatMap((reason, i): ExcludedCount[] => {
    const rowCount = counts.get(i + 1) ?? 0;
    return rowCount === 0 ? [] : [{ reason, rowCount }];
  });
  const rowsUsed = counts.get(0) ?? 0;
  const rowsIn = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { contributor: "images", inputs: [{ input: "image series", rowsIn, rowsUsed, excluded, rowsOutByTable: {} }], mapped };
}

function* seriesRows(catalogue: ImageCatalogue): Generator<readonly (string | bigint | null)[]> {
  let series: TakenImage | undefined;
  let images = 0n;
  const row = (of: TakenImage): readonly (string | bigint | null)[] => [
    of.patientNumber,
    of.studyUid,
    of.seriesUid,
    of.modality,
    of.bodyPart,
    of.studyDate,
    of.path.slice(0, of.path.lastIndexOf("/")),
    images,
  ];
  for (const image of catalogue.images()) {
    if (series !== undefined && series.seriesUid !== image.seriesUid) {
      yield row(series);
      images = 0n;
    }
    series = image;
    images++;
  }
  if (series !== undefined) yield row(series);
}

const createTable = ({ session, schema }: SnapshotContext): Promise<void> =>
  session.run(sql`
    CREATE TABLE IF NOT EXISTS ${identifier(schema)}.image_occurrence (
      image_occurrence_id BIGINT NOT NULL, person_id BIGINT NOT NULL, procedure_occurrence_id BIGINT, visit_occurrence_id BIGINT,
      anatomic_site_concept_id INTEGER NOT NULL, wadors_uri VARCHAR, local_path VARCHAR, image_occurrence_date DATE NOT NULL,
      image_study_uid VARCHAR NOT NULL, image_series_uid VARCHAR NOT NULL, modality_concept_id INTEGER NOT NULL,
      modality_source_value VARCHAR, anatomic_site_source_value VARCHAR, image_count INTEGER NOT NULL)`);

/** Modality and body part are terms of DICOM PS3.16, which OMOP lists as the vocabulary DICOM. */
const VOCABULARY = "DICOM";

async function insertRows({ session, schema, codes }: SnapshotContext): Promise<ContributorReport["mapped"]> {
  const used = await session.rows(sql`
    SELECT code, sum(rows) FROM (
      SELECT modality AS code, count(*) AS rows FROM image_rows WHERE x = 0 GROUP BY 1
      UNION ALL SELECT body_part, count(*) FROM image_rows WHERE x = 0 GROUP BY 1) terms
    WHERE code <> '' GROUP BY code ORDER BY code`);
  const asked = used.map(([code]): SourceCode => ({ vocabulary: VOCABULARY, code: String(code) }));
  const answers = await codes.lookUp(session, asked);
  const conceptOf = (code: SourceCode): number =>
    answers.get(sourceCodeKey(code))?.targets.find(({ relation }) => relation === "event")?.conceptId ?? 0;
  await session.run(sql`CREATE TEMP TABLE image_terms (code VARCHAR, concept_id INTEGER)`);
  await session.append(
    "image_terms",
    ["text", "integer"],
    asked.map((code) => [code.code, conceptOf(code)]),
  );
  const columns = join(
    [
      ...[
        "image_occurrence_id",
        "person_id",
        "anatomic_site_concept_id",
        "local_path",
        "image_occurrence_date",
        "image_study_uid",
        "image_series_uid",
      ],
      ...["modality_concept_id", "modality_source_value", "anatomic_site_source_value", "image_count"],
    ].map(identifier),
  );
  await session.run(sql`
    INSERT INTO ${identifier(schema)}.image_occurrence (${columns})
    SELECT row_number() OVER (ORDER BY series_uid), person_id, coalesce(b.concept_id, 0), path, study_date, study_uid, series_uid,
      coalesce(m.concept_id, 0), modality, nullif(body_part, ''), images
    FROM image_rows r LEFT JOIN image_terms m ON m.code = r.modality LEFT JOIN image_terms b ON b.code = r.body_part WHERE x = 0`);
  const rowsWithCode = used.reduce((sum, [, rows]) => sum + Number(rows), 0);
  const rowsMapped = used.reduce(
    (sum, [code, rows]) => sum + (conceptOf({ vocabulary: VOCABULARY, code: String(code) }) > 0 ? Number(rows) : 0),
    0,
  );
  return rowsWithCode === 0 ? [] : [{ vocabulary: VOCABULARY, rowsWithCode, rowsMapped, rowsWider: 0 }];
}
