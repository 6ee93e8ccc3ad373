-- Who played what on a release, track by track
-- First the credits of the release as a whole, with the tracks that they are said to be for, then each track with its own.
-- A track without credits of its own has one row.
WITH track AS (
  SELECT release_id, position, number, title
  FROM hive.discogs.release_tracks_v1_typed
  WHERE release_id = 67 -- wanted
),
credit AS (
  SELECT
    credit.track_position, credit.position, coalesce(credit.anv, credit.artist_name) AS name, credit.role
  FROM hive.discogs.release_track_credit_links_v1_typed credit
  WHERE credit.release_id IN (SELECT release_id FROM track)
),
line AS (
  SELECT
    CAST(0 AS BIGINT) AS track_position, position, tracks AS number, CAST(NULL AS VARCHAR) AS title,
    coalesce(anv, artist_name) AS name, role
  FROM hive.discogs.release_credit_links_v1_typed
  WHERE release_id = 67 -- wanted
  UNION ALL
  SELECT track.position AS track_position, credit.position, track.number, track.title, credit.name, credit.role
  FROM track LEFT JOIN credit ON credit.track_position = track.position
)
SELECT number, title, name, role FROM line ORDER BY track_position, position
