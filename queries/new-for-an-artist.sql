-- What is new for an artist since the month before
-- Releases of the artist, or with a credit of the artist, that were added or changed between the run before and the active
-- one, as compare-runs found. It knows of the active run what a history that was made with include_active does.
WITH part AS (
  SELECT release_id FROM hive.discogs.release_artists_v1
  WHERE artist_id = 1 -- wanted
  UNION
  SELECT release_id FROM hive.discogs.release_credit_links_v1_typed
  WHERE artist_id = 1 -- wanted
),
news AS (
  SELECT entry.change, entry.changed_columns, entry.entity_id AS release_id
  FROM hive.discogs_history.entity_changes_latest entry
  JOIN hive.discogs_history.run_registry_latest run ON run.run_id = entry.run_id
  WHERE entry.entity = 'release' AND run.is_active
)
SELECT news.change, news.changed_columns, release.release_id, release.title, release.artists
FROM hive.discogs.releases_ref_v6 release
JOIN news ON news.release_id = release.release_id
JOIN part ON part.release_id = release.release_id
ORDER BY news.change, release.release_id
