-- Who cut the lacquer, and where
-- The cutting engineers of a master's versions, and the companies they cut at, for each version that says so. Roles are
-- lists with details in brackets, such as Lacquer Cut By [Side A], Mastered By.
WITH version AS (
  SELECT release_id, title, country
  FROM hive.discogs.releases_ref_v6
  WHERE master_id = 80 -- wanted
)
SELECT version.release_id, version.title, version.country, credit.role AS said, coalesce(credit.anv, credit.artist_name) AS name
FROM hive.discogs.release_credit_links_v1_typed credit JOIN version ON version.release_id = credit.release_id
WHERE ', ' || credit.role LIKE '%, Lacquer Cut By%'
UNION
SELECT version.release_id, version.title, version.country, company.entity_type_name AS said, company.company_name AS name
FROM hive.discogs.release_company_links_v1_typed company JOIN version ON version.release_id = company.release_id
WHERE company.entity_type_name = 'Lacquer Cut At'
ORDER BY release_id, said DESC, name
