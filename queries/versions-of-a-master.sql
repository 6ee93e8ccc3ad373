-- Versions of a master by country and year
-- Every release that belongs to the master, the oldest of each country first. Those without a country or a date
-- come last.
SELECT country, released, release_id, title, formats, label_catnos
FROM hive.discogs.releases_ref_v6
WHERE master_id = 3 -- wanted
ORDER BY country, released, release_id
