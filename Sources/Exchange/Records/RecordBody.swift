import FHIR
import Primitives

/// What is sealed for each version: the resource's bytes and what the decision about it needs, worked
/// out once on ingest so that a search can decide without looking into the resource again.
///
/// Layout (docs/format/sealed-record.md): 0x01 ‖ type ‖ id ‖ record type ‖ label bits ‖ date ‖
/// patients ‖ JSON, by the canonical writer of `Primitives`.
struct RecordBody: Sendable {
  var type: String
  var id: String
  var recordType: RecordType
  var labels: Set<SensitivityLabel>
  /// The moment the record is about, where it says so.
  var date: Instant?
  /// Ids of the patients it is about, the chart's own first. Empty for the node's shared data.
  var patients: [String]
  var json: [UInt8]

  func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.append(UInt8(1))
    writer.append(prefixed: type)
    writer.append(prefixed: id)
    writer.append(prefixed: recordType.rawValue)
    writer.append(
      SensitivityLabel.allCases.enumerated().reduce(UInt32(0)) { bits, label in
        labels.contains(label.element) ? bits | 1 << UInt32(label.offset) : bits
      })
    writer.append(date?.millisecondsSinceEpoch ?? Int64.min)
    writer.append(UInt32(truncatingIfNeeded: patients.count))
    for patient in patients { writer.append(prefixed: patient) }
    writer.append(raw: json)
    return writer.bytes
  }

  init(
    type: String, id: String, recordType: RecordType, labels: Set<SensitivityLabel>,
    date: Instant?, patients: [String], json: [UInt8]
  ) {
    self.type = type
    self.id = id
    self.recordType = recordType
    self.labels = labels
    self.date = date
    self.patients = patients
    self.json = json
  }

  init(decoding bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt8.self) == 1 else {
      throw PeerChartError(.unsupportedVersion, "a stored record has a newer layout")
    }
    type = try reader.readPrefixedText(limit: 128)
    id = try reader.readPrefixedText(limit: 128)
    guard let recordType = RecordType(rawValue: try reader.readPrefixedText(limit: 64)) else {
      throw PeerChartError(.unsupportedVersion, "a stored record has an unknown record type")
    }
    self.recordType = recordType
    let bits = try reader.read(UInt32.self)
    labels =
      bits == 0
      ? []
      : Set(
        SensitivityLabel.allCases.enumerated()
          .filter { bits & 1 << UInt32($0.offset) != 0 }.map(\.element))
    let milliseconds = try reader.read(Int64.self)
    date = milliseconds == .min ? nil : Instant(millisecondsSinceEpoch: milliseconds)
    let count = try reader.read(UInt32.self)
    var patients: [String] = []
    for _ in 0..<count { patients.append(try reader.readPrefixedText(limit: 128)) }
    self.patients = patients
    json = try reader.read(count: reader.remaining)
  }
}
