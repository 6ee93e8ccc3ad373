-- Releases whose run-out says something
-- Finds a part of what is etched or stamped into the run-out, whatever the case of its letters. A release has a row for
-- each run-out that says it.
WITH found AS (
  SELECT release_id, position, description, value AS matrix
  FROM hive.discogs.release_identifiers_v1_typed
  WHERE type = 'Matrix / Runout'
    AND strpos(lower(value), lower('m&m-7')) > 0 -- wanted
)
SELECT release.release_id, release.title, found.description, found.matrix
FROM hive.discogs.releases_ref_v6 release JOIN found ON found.release_id = release.release_id
ORDER BY release.release_id, found.position
