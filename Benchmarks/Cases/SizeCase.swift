/// What stored resources take on the disk, with index, keys, history and log, beside their JSON.
struct SizeCase {
  static let target = 0.6

  /// How many resources, and their bytes as JSON.
  let resources: Int
  let json: Int

  /// - Parameter path: the file of the store; it may be open.
  func sqlite(_ path: String) throws -> [Figure] {
    let database = try BareSQLite(reading: path)
    let parts = try database.table(
      "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
    let entries = try database.table("SELECT 'token', count(*) FROM token")
    return figures("SQLite", parts: parts, entries: entries)
  }

  /// - Parameter url: of a database; the password is in the environment.
  func postgreSQL(_ url: String, in folder: TemporaryFolder) throws -> [Figure] {
    // A partition counts for its table.
    let sizes = try query(
      url,
      """
      SELECT regexp_replace(relname, '_[0-9]+$', ''), sum(pg_total_relation_size(oid))
      FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      GROUP BY 1 ORDER BY 2 DESC
      """, folder)
    let entries = try query(url, "SELECT 'token', sum(size) FROM token_block", folder)
    return figures("PostgreSQL", parts: sizes, entries: entries)
  }

  private func query(
    _ url: String, _ statement: String, _ folder: TemporaryFolder
  ) throws -> [(name: String, value: Double)] {
    let arguments = [
      "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator", " ", "--command",
      statement, url,
    ]
    return try ChildProcess.output(of: "psql", arguments, in: folder).split(separator: "\n")
      .compactMap { line in
        let cells = line.split(separator: " ")
        guard cells.count == 2, let value = Double(cells[1]) else { return nil }
        return (String(cells[0]), value)
      }
  }

  private func figures(
    _ store: String, parts: [(name: String, value: Double)],
    entries: [(name: String, value: Double)]
  ) -> [Figure] {
    let bytes = parts.reduce(0) { $0 + $1.value }
    let each = { (bytes: Double) in FigureTable.text(bytes / Double(resources)) }
    let list = parts.prefix(6).map { "\($0.name) \(each($0.value))" }.joined(separator: ", ")
    return [
      Figure(
        name: "stored bytes a resource, \(store)", value: bytes / Double(resources), unit: "bytes",
        target: Figure.atMost(Self.target * Double(json) / Double(resources)),
        peer: Figure.Peer(name: "its JSON", value: Double(json) / Double(resources)),
        note: "of these: \(list)"),
      Figure(
        name: "index entries a resource, \(store)",
        value: (entries.first?.value ?? 0) / Double(resources),
        unit: "entries"),
    ]
  }
}
