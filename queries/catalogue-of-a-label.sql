-- Catalogue of a label, with the gaps in its numbers
-- The label's releases by catalogue number; write its name in lower case. A number that ends in digits is compared with
-- the one before it that begins alike: missing_before says how many are missing between the two.
WITH item AS (
  SELECT label_catno, release_id, regexp_extract(label_catno, '([0-9]{1,18})$', 1) AS digits
  FROM hive.discogs.release_label_xref_v1
  WHERE label_norm = '@home tapes' -- wanted
),
numbered AS (
  SELECT
    label_catno,
    release_id,
    substr(label_catno, 1, length(label_catno) - length(digits)) AS series,
    TRY_CAST(digits AS BIGINT) AS number
  FROM item
),
beside AS (
  SELECT *, lag(number) OVER (PARTITION BY series ORDER BY number, release_id) AS number_before FROM numbered
)
SELECT
  beside.label_catno,
  CASE WHEN number > number_before + 1 THEN number - number_before - 1 END AS missing_before,
  beside.release_id,
  release.title,
  release.released
FROM hive.discogs.releases_ref_v6 release JOIN beside ON beside.release_id = release.release_id
ORDER BY series, number, beside.label_catno, beside.release_id
