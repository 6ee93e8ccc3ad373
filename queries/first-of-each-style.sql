-- First release of each style
-- The earliest date counts; a date without month or day comes after those of its year that have one, and of equal dates
-- the release that was entered first. Dates that were entered wrongly come first, so that they are found, too.
WITH dated AS (
  SELECT
    style.style, style.release_id, detail.released_year,
    row_number() OVER (
      PARTITION BY style.style
      ORDER BY detail.released_year, detail.released_month, detail.released_day, style.release_id
    ) AS place
  FROM hive.discogs.release_style_xref_v1 style
  JOIN hive.discogs.release_details_v1_typed detail ON detail.release_id = style.release_id
  WHERE detail.released_year IS NOT NULL
)
SELECT dated.style, dated.released_year, dated.release_id, release.title, release.artists
FROM hive.discogs.releases_ref_v6 release JOIN dated ON dated.release_id = release.release_id
WHERE dated.place = 1
ORDER BY dated.released_year, dated.style
