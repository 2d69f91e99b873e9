import Audit
import Consent
import FHIR
import Identity
import Primitives

extension Exchange {
  /// Puts together the document of a stored Composition (`Composition/$document`, R4 3.3): it and what it
  /// refers to, directly and further on. What the caller may not read, and what is not there, is left
  /// out alike; where the Composition itself refers to it, the Bundle says that it is a part (SUBSETTED).
  ///
  /// - Parameter base: the FHIR base under which the caller knows the records.
  /// - Returns: a Bundle of type document, as JSON. It is not stored.
  /// - Throws: what `read` throws of the Composition; `too-large` for more than one document holds.
  public func document(
    of composition: String, base: String, as caller: Caller
  ) async throws -> [UInt8] {
    try Self.checkAddress("Composition", composition)
    try caller.requireScope(.read, "Composition")
    let id = newID()
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let row = try snapshot.newestVersion(of: keys.recordKey("Composition", composition))
      else {
        return try refusal(
          reading, .absent(type: "Composition", id: composition), action: .read)
      }
      let record = try reading.open(row)
      switch try reading.decide(record, action: .read) {
      case .deny(let reasons):
        return try refusal(reading, .record(record, reasons), action: .read)
      case .permit(let permits):
        return try document(
          of: FoundRecord(record: record, permits: permits, action: .read),
          DocumentFrame(id: id, base: base, date: reading.time), reading)
      }
    }
  }

  private func document(
    of composition: FoundRecord, _ frame: DocumentFrame, _ reading: Reading
  ) throws -> Passage<[UInt8]> {
    let address = "Composition/\(composition.record.id)/$document"
    guard !composition.record.row.isDeleted else {
      var passage = Passage<[UInt8]>(
        outcome: .failure(PeerChartError(.gone, "this record was deleted")))
      try passage.disclose(document: [composition], asked: address, reading)
      return passage
    }
    var document = try CompositionDocument(of: try composition.resource(), frame: frame)
    var found = [composition]
    while case let wanted = try document.wanted(), !wanted.isEmpty {
      for target in wanted {
        guard let record = try reading.readable(target) else { continue }
        found.append(record)
        try document.supply(try record.resource())
      }
    }
    let sources = document.sources
    var passage = Passage(outcome: .success(document.bundle()))
    try passage.disclose(
      document: found.filter { sources.contains($0.target) }, asked: address, reading)
    return passage
  }
}
