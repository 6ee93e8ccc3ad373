-- Longest tracks
-- The ten longest tracks and parts of tracks, with their releases. What has parts itself is left out, and so is what has
-- no duration in minutes and seconds.
WITH longest AS (
  SELECT release_id, position, number, title, duration, duration_seconds
  FROM hive.discogs.release_tracks_v1_typed
  WHERE duration_seconds IS NOT NULL AND kind = 'track'
  ORDER BY duration_seconds DESC, release_id, position
  LIMIT 10
)
SELECT longest.duration, longest.number, longest.title, release.release_id, release.title AS release_title, release.artists
FROM hive.discogs.releases_ref_v6 release JOIN longest ON longest.release_id = release.release_id
ORDER BY longest.duration_seconds DESC, release.release_id, longest.position
