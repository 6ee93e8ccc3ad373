-- Artists who go by a name
-- Namesakes, and whoever has or had the name as an alias, as a real name or as a group's. Write it in lower case, with
-- single blanks and without the number in brackets that tells namesakes apart.
WITH known AS (
  SELECT artist_id FROM hive.discogs.artist_name_map_v1
  WHERE norm_name = 'dj copper' -- wanted
)
SELECT artist.artist_id, artist.name, artist.realname, artist.aliases
FROM hive.discogs.artists_v1 artist JOIN known ON known.artist_id = artist.artist_id
ORDER BY artist.artist_id
