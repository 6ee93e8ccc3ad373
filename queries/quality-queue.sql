-- Data-quality queue of a label
-- The label's releases that somebody should look at, the worst first; write its name in lower case. What was voted Correct
-- or Complete and Correct is left out.
WITH item AS (
  SELECT DISTINCT release_id
  FROM hive.discogs.release_label_xref_v1
  WHERE label_norm = 'højgaard tapes' -- wanted
)
SELECT release.data_quality, release.release_id, release.title, release.label_catnos, release.released
FROM hive.discogs.releases_ref_v6 release JOIN item ON item.release_id = release.release_id
WHERE release.data_quality IS NULL OR release.data_quality NOT IN ('Correct', 'Complete and Correct')
ORDER BY
  CASE release.data_quality
    WHEN 'Entirely Incorrect' THEN 1
    WHEN 'Needs Major Changes' THEN 2
    WHEN 'Needs Minor Changes' THEN 3
    WHEN 'Needs Vote' THEN 4
    ELSE 5
  END,
  release.release_id
