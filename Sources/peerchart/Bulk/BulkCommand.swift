import ArgumentParser

struct BulkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bulk",
    abstract: "See the bulk exports and imports that programs have asked for, and end them.",
    discussion: """
      Programs ask a served node for them by HTTPS: $export of the system, of all patients or of a \
      Group, and $import of files at servers that `serve --import-from` names. An export stores no \
      copy; each file is put together, decided about and logged when it is read.

      Examples:
        curl -H "Prefer: respond-async" -H "Authorization: Bearer $TOKEN" -D - \\
          "https://127.0.0.1:8443/fhir/Patient/\\$export?_type=Patient,Observation"
        peerchart bulk list
        peerchart bulk cancel 41f0…
      """,
    subcommands: [BulkList.self, BulkCancel.self])
}
