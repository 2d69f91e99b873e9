import FHIR
import Primitives

/// What became of a file that somebody brought into a chart.
public struct UploadReport: Sendable {
  public let report: ImportReport
  /// Records of nobody's chart, which were not taken: organizations, practitioners, places.
  public let leftOut: Int
}

extension Exchange {
  /// Brings a file of records into one chart, as its owner does: a bundle of any kind, one resource, or
  /// NDJSON; JSON or XML. The patient whom the file is about becomes the patient of the chart, and what
  /// refers to them refers to the chart. Records keep their ids, so that a file may come twice.
  ///
  /// - Throws: `malformed` or `invalid` for what is no file of records, `conflict` for one about somebody
  ///   else or about several people, `forbidden` for one with a record that the caller may not write, of which nothing is
  ///   taken.
  public func upload(
    _ file: [UInt8], into chart: String, as caller: Caller
  ) async throws -> UploadReport {
    let found = try UploadedFile(file, limit: limits.bodyBytes)
    guard found.patients.count <= 1 else {
      throw PeerChartError(.conflict, "this file is about several people")
    }
    var assigned: [String: String] = [:]
    let own = try Resource(parsing: try await read("Patient", id: chart, as: caller).json)
    if let patient = found.patients.first {
      guard Self.mayBeTheSame(patient.resource, own) else {
        throw PeerChartError(.conflict, "this file is about somebody who was born on another day")
      }
      let address = "Patient/\(chart)"
      if let id = patient.resource.id { assigned["Patient/\(id)"] = address }
      if let url = patient.fullUrl { assigned[url] = address }
    }
    let records = found.others.filter { PatientCompartment.isPatientBound($0.resource.type) }
    for record in records {
      // Whose record it is; the others may have a part in it.
      guard let whose = PatientCompartment.patients(of: record.resource).first else { continue }
      guard whose.id == chart || assigned["Patient/\(whose.id)"] != nil else {
        throw PeerChartError(.forbidden, "the file holds a record of another chart")
      }
    }
    let entries = records.map { record in
      Result { () throws -> IntakeEntry in
        try IntakeEntry(
          record.resource, id: record.uuid, pointer: record.place, fullUrl: record.fullUrl)
      }.mapError(PeerChartError.init(wrapping:))
    }
    let report = try await store(
      each: entries, .keep, caller, assigned: assigned, progress: { _ in })
    return UploadReport(report: report, leftOut: found.others.count - records.count)
  }

  /// Whether two days of birth can be one, as exactly as each is known.
  private static func mayBeTheSame(_ one: Resource, _ other: Resource) -> Bool {
    guard let one = one.root["birthDate"]?.string, let other = other.root["birthDate"]?.string
    else { return true }
    return one.hasPrefix(other) || other.hasPrefix(one)
  }
}

/// The resources of a file, whatever way it holds them.
private struct UploadedFile {
  struct Record {
    let resource: Resource
    let fullUrl: String?
    let place: String

    /// Of a record without an id: it is the same when the file comes again.
    var uuid: String? {
      guard let fullUrl, fullUrl.hasPrefix("urn:uuid:") else { return nil }
      let uuid = String(fullUrl.dropFirst("urn:uuid:".count))
      return Resource.isValidID(uuid) ? uuid : nil
    }
  }

  private(set) var patients: [Record] = []
  private(set) var others: [Record] = []

  init(_ file: [UInt8], limit: Int) throws {
    let first = file.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    let json = first == UInt8(ascii: "<") ? try FHIRXML.json(from: file) : file
    let limits = JSONLimits(maximumBytes: limit)
    do {
      try add(Resource(parsing: json, limits: limits))
    } catch let error as PeerChartError where error.code == .malformed {
      var splitter = NDJSONSplitter()
      let lines = try splitter.split(json) + [splitter.finish()].compactMap(\.self)
      // Where not even the first line is a resource, the file is no NDJSON, and the first error tells more.
      guard lines.count > 1, let first = try? lines[0].resource(limits: limits) else { throw error }
      add(first, nil, "line \(lines[0].number)")
      for line in lines.dropFirst() {
        add(try line.resource(limits: limits), nil, "line \(line.number)")
      }
    }
  }

  private mutating func add(_ resource: Resource) throws {
    guard resource.type == "Bundle" else { return add(resource, nil, resource.type) }
    for entry in try ResourceBundle(resource).entries {
      guard let held = try entry.resource else { continue }
      add(held, try entry.fullUrl, "\(entry.pointer).resource")
    }
  }

  private mutating func add(_ resource: Resource, _ fullUrl: String?, _ place: String) {
    let record = Record(resource: resource, fullUrl: fullUrl, place: place)
    if resource.type == "Patient" { patients.append(record) } else { others.append(record) }
  }
}
