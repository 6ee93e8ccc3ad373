-- Who works together most
-- Pairs of people who had these two roles on the same release, by the number of releases: here producers and those who
-- mastered for them. Roles are lists with details in brackets; the beginning of one is enough.
WITH one AS (
  SELECT DISTINCT release_id, artist_id, artist_name
  FROM hive.discogs.release_credit_links_v1_typed
  WHERE strpos(', ' || role, ', Producer') > 0 -- wanted
),
other AS (
  SELECT DISTINCT release_id, artist_id, artist_name
  FROM hive.discogs.release_credit_links_v1_typed
  WHERE strpos(', ' || role, ', Mastered By') > 0 -- wanted
)
SELECT
  one.artist_id AS one_id, min(one.artist_name) AS one_name, other.artist_id AS other_id, min(other.artist_name) AS other_name,
  count(DISTINCT one.release_id) AS releases
FROM one
JOIN other ON other.release_id = one.release_id AND other.artist_id <> one.artist_id
GROUP BY one.artist_id, other.artist_id
ORDER BY count(DISTINCT one.release_id) DESC, one.artist_id, other.artist_id
LIMIT 10
