-- Releases behind a barcode
-- Write the digits as they are printed or scanned: with a right check digit, an UPC finds its EAN and the other way round,
-- since both are the same number of 14 digits, with zeros before it. Any other barcode finds what has the same digits.
WITH wanted AS (
  SELECT '036000291452' AS barcode -- wanted
),
code AS (
  SELECT barcode, CASE WHEN length(barcode) IN (8, 12, 13, 14) THEN lpad(barcode, 14, '0') END AS gtin14 FROM wanted
),
-- The barcodes lie in the order of their digits: each way to write the number is looked up there.
spelling AS (
  SELECT barcode AS barcode_norm FROM code
  UNION
  SELECT gtin14 AS barcode_norm FROM code
  UNION
  SELECT substr(gtin14, 2) AS barcode_norm FROM code WHERE gtin14 LIKE '0%'
  UNION
  SELECT substr(gtin14, 3) AS barcode_norm FROM code WHERE gtin14 LIKE '00%'
  UNION
  SELECT substr(gtin14, 7) AS barcode_norm FROM code WHERE gtin14 LIKE '000000%'
),
found AS (
  SELECT barcode.barcode_norm, barcode.is_valid, barcode.release_id
  FROM hive.discogs.release_barcode_xref_v1 barcode
  JOIN spelling ON spelling.barcode_norm = barcode.barcode_norm
  JOIN code ON code.gtin14 = barcode.gtin14 OR code.barcode = barcode.barcode_norm
)
SELECT found.barcode_norm, found.is_valid, release.release_id, release.title, release.artists, release.country
FROM hive.discogs.releases_ref_v6 release JOIN found ON found.release_id = release.release_id
WHERE release.release_id IN (SELECT release_id FROM found)
ORDER BY release.release_id, found.barcode_norm
