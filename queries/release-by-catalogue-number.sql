-- Releases with a catalogue number
-- People enter CAT-140, CAT 140 and cat140. So blanks, hyphens, dots and slashes do not count, nor whether letters are
-- capital ones.
WITH found AS (
  SELECT label_name, label_catno, release_id
  FROM hive.discogs.release_label_xref_v1
  WHERE translate(lower(label_catno), ' -./', '') = translate(lower('cat 140'), ' -./', '') -- wanted
)
SELECT found.label_name, found.label_catno, release.release_id, release.title, release.artists, release.country
FROM hive.discogs.releases_ref_v6 release JOIN found ON found.release_id = release.release_id
ORDER BY found.label_name, release.release_id, found.label_catno
