public import FHIR
public import Primitives

/// A record as a page shows it, of this node or of another.
public struct ChartRecord: Sendable {
  public let type: String
  public let id: String
  public let version: Int64
  public let lastUpdated: Instant
  /// The resource as JSON, byte for byte as it is stored.
  public let json: [UInt8]

  init(_ released: ReleasedResource) {
    type = released.type
    id = released.id
    version = released.version
    lastUpdated = released.lastUpdated
    json = released.json
  }

  /// - Throws: for bytes that are no resource with an id, a version and a time.
  init(parsing json: [UInt8]) throws {
    let resource = try Resource(parsing: json)
    let meta = resource.root["meta"]
    guard let id = resource.id, let version = (meta?["versionId"]?.string).flatMap({ Int64($0) }),
      let time = (meta?["lastUpdated"]?.string).flatMap({ Instant($0) })
    else { throw PeerChartError(.malformed, "a record does not say which it is") }
    type = resource.type
    self.id = id
    self.version = version
    lastUpdated = time
    self.json = json
  }
}

/// A record, and the versions of it that the caller may read.
public struct RecordWithVersions: Sendable {
  /// One of them.
  public struct Version: Sendable {
    public let number: Int64
    public let at: Instant
    public let isDeleted: Bool
  }

  public let record: ChartRecord
  /// The newest first.
  public let versions: [Version]
}

/// One page of a chart.
public struct ChartPage: Sendable {
  /// How many records of each kind fit the question.
  public let counts: [RecordType: Int]
  /// Whether the chart is so large that not everything was counted.
  public let isPartial: Bool
  /// The newest first, undated ones last.
  public let records: [ChartRecord]
  /// Sealed; nil on the last page.
  public let next: String?
}

extension ChartPage {
  /// The answer of `$chart`: a FHIR Parameters resource with a `count` for each kind, the `record`s, and
  /// `next`, the cursor of the next page.
  public var parameters: [UInt8] {
    var text = #"{"resourceType":"Parameters","parameter":["#
    var parameters: [String] = counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
      #"{"name":"count","part":[{"name":"type","valueCode":"\#($0.key.rawValue)"},"#
        + #"{"name":"number","valueUnsignedInt":\#($0.value)}]}"#
    }
    parameters.append(#"{"name":"partial","valueBoolean":\#(isPartial)}"#)
    // Sealed in base64url: nothing in it needs an escape.
    if let next { parameters.append(#"{"name":"next","valueString":"\#(next)"}"#) }
    text += parameters.joined(separator: ",")
    var bytes = Array(text.utf8)
    for record in records {
      bytes += Array(#",{"name":"record","resource":"#.utf8) + record.json + Array("}".utf8)
    }
    return bytes + Array("]}".utf8)
  }

  /// Reads what `parameters` writes, as another node sends it.
  ///
  /// - Throws: `malformed`, and whatever is wrong with the JSON.
  init(parsing bytes: [UInt8]) throws {
    let root = try JSONDocument(parsing: bytes).root
    guard root["resourceType"]?.isString("Parameters") == true else {
      throw PeerChartError(.malformed, "this is not the answer of a chart")
    }
    var counts: [RecordType: Int] = [:]
    var records: [ChartRecord] = []
    var next: String?
    var isPartial = false
    for parameter in root["parameter"].map({ Array($0.elements) }) ?? [] {
      switch parameter["name"]?.string {
      case "count":
        var type: RecordType?
        var number: Int?
        for part in parameter["part"].map({ Array($0.elements) }) ?? [] {
          if let code = part["valueCode"]?.string { type = RecordType(rawValue: code) }
          if let digits = part["valueUnsignedInt"]?.numberLiteral { number = Int(digits) }
        }
        if let type, let number, number >= 0 { counts[type] = number }
      case "record":
        guard let resource = parameter["resource"], records.count < Exchange.chartPage else {
          continue
        }
        records.append(try ChartRecord(parsing: Array(resource.raw)))
      case "next": next = parameter["valueString"]?.string
      case "partial": isPartial = parameter["valueBoolean"]?.bool ?? false
      default: continue
      }
    }
    self.init(counts: counts, isPartial: isPartial, records: records, next: next)
  }

  /// The same without the records that do not pass.
  func filtered(_ passes: (RecordType, ChartRecord) -> Bool) -> ChartPage {
    ChartPage(
      counts: counts, isPartial: isPartial,
      records: records.filter { record in
        guard let resource = try? Resource(parsing: record.json) else { return false }
        return passes(RecordType(of: resource), record)
      }, next: next)
  }
}
