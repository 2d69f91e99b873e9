/// Writes one section of a summary: its table for people, its entries for programs.
struct SummarySectionWriter {
  let summary: InternationalPatientSummary
  let list: SummaryList
  /// By the Device that they are about.
  let deviceUses: [ReferenceTarget: SummaryDeviceUse]

  private var section: SummarySection { list.section }

  var tree: JSONTree {
    var members: [(String, JSONTree)] = [
      ("title", .string(section.title)),
      ("code", ["coding": [["system": "http://loinc.org", "code": .string(section.code)]]]),
      ("text", narrative),
    ]
    if list.listed.isEmpty {
      members.append(("emptyReason", emptyReason))
    } else {
      members.append(("entry", .array(entries.map { ["reference": .string($0)] })))
    }
    return .object(members)
  }

  /// A Device is listed by the statement of its use; one that a listed statement is about, by that.
  private var entries: [String] {
    list.listed.compactMap { candidate in
      guard candidate.target.type == "Device" else {
        return summary.frame.fullURL(candidate.target)
      }
      return deviceUses[candidate.target].map { "urn:uuid:\($0.id)" }
    }
  }

  /// What is known, not what is the case: without a word in the records nobody was asked.
  private var emptyReason: JSONTree {
    let reason = summary.emptyReasons[section]
    return [
      "coding": [
        [
          "system": "http://terminology.hl7.org/CodeSystem/list-empty-reason",
          "code": .string(reason?.code ?? "unavailable"),
          "display": .string(reason?.display ?? "Unavailable"),
        ]
      ]
    ]
  }

  private var narrative: JSONTree {
    var writer = NarrativeWriter()
    guard !list.listed.isEmpty else {
      if let reason = summary.emptyReasons[section] {
        let date = reason.date.map { " of \($0)" } ?? ""
        writer.paragraph("A list\(date) has no entries: \(reason.display).")
      } else {
        writer.paragraph(section.absence)
      }
      return writer.narrative
    }
    let columns = section.columns
    writer.table(
      columns.map(\.title),
      rows: list.listed.map { candidate in
        columns.map { $0.text(candidate.record, included) ?? "" }
      })
    let limit = "Listed are \(section.rule); at most \(section.limit), the newest first."
    let rest =
      list.leftOut == 0
      ? "" : " \(list.leftOut) more \(list.leftOut == 1 ? "record is" : "records are") left out."
    writer.paragraph(limit + rest)
    return writer.narrative
  }

  private func included(_ target: ReferenceTarget) -> Resource? {
    summary.supplied[target]
      ?? summary.lists[.devices]?.listed.first { $0.target == target }?.record
  }
}
