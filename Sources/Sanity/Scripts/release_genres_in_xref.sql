-- Releases that say a genre in their text, and have none in the cross-reference.
SELECT count(*) AS found, 0 AS expected
FROM ${schema}.releases_ref_v6
WHERE genres IS NOT NULL
  AND ${part}
  AND release_id NOT IN (
    SELECT release_id FROM ${schema}.release_genre_xref_v1 WHERE release_id IS NOT NULL AND ${part})
