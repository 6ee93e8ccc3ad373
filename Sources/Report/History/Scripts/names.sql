SELECT ${id}, ${name}
FROM ${table}
WHERE ${id} IN (${ids})
