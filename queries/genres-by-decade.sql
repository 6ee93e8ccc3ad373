-- Genres over the decades
-- How many releases of each genre came out in each decade. A release with several genres counts in each of them.
SELECT
  link.genre,
  count(*) FILTER (WHERE detail.released_year < 1950) AS "before 1950",
  count(*) FILTER (WHERE detail.released_year BETWEEN 1950 AND 1959) AS "1950s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 1960 AND 1969) AS "1960s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 1970 AND 1979) AS "1970s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 1980 AND 1989) AS "1980s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 1990 AND 1999) AS "1990s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 2000 AND 2009) AS "2000s",
  count(*) FILTER (WHERE detail.released_year BETWEEN 2010 AND 2019) AS "2010s",
  count(*) FILTER (WHERE detail.released_year >= 2020) AS "since 2020",
  count(*) FILTER (WHERE detail.released_year IS NULL) AS "not known"
FROM hive.discogs.release_genre_xref_v1 link
JOIN hive.discogs.release_details_v1_typed detail ON detail.release_id = link.release_id
WHERE link.genre IS NOT NULL
GROUP BY link.genre
ORDER BY link.genre
