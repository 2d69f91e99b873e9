import Audit
import Consent
import FHIR
import Identity
public import Primitives

extension Exchange {
  /// Begins a bulk export (Bulk Data Access 2.0): nothing is read yet but the Group that it is about.
  ///
  /// - Parameters:
  ///   - url: the address that was called, which the manifest repeats.
  /// - Returns: the job's id.
  /// - Throws: `forbidden`, `not-found`, `invalid` for patients that are not here, `too-many-requests`.
  public func beginExport(
    _ request: BulkExportRequest, url: String, as caller: Caller
  ) async throws -> String {
    var types = request.types
    if let types {
      guard types.allSatisfy(caller.mayExport) else {
        throw PeerChartError(
          .forbidden, "the token's scope does not allow to read and search these types",
          place: "_type")
      }
    } else {
      let all = request.level == .system ? ResourceType.names.sorted() : Compartment.patient.types
      types = all.filter(caller.mayExport)
    }
    guard let types, !types.isEmpty else {
      throw PeerChartError(.forbidden, "the token's scope does not allow this")
    }
    let id = Hex.encode(random.bytes(16))
    let name: String = try await pass { [self] snapshot -> Passage<String> in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .export)
      }
      try requireRoom(for: caller, in: snapshot)
      var plan = ExportPlan(
        level: .system, patients: request.patients, types: types,
        since: request.since?.millisecondsSinceEpoch, time: reading.time.millisecondsSinceEpoch)
      plan.filters = request.filters
      plan.elements = request.elements
      switch request.level {
      case .system: break
      case .patients: plan.level = .patients
      case .group(let group):
        switch try self.group(group, reading) {
        case .success(let version): plan.level = .group(id: group, version: version)
        case .failure(let found):
          return try refusal(reading, found.cause, action: .export)
        }
      }
      try requirePresence(of: plan, reading)
      return try Passage(
        asking: .export(plan), id, url: url, EventDraft(kind: .export, action: .export), reading)
    }
    signalBulk()
    return name
  }

  /// - Throws: `too-many-requests` for a caller who has as many jobs as one may have.
  func requireRoom(for caller: Caller, in snapshot: any StoreSnapshot) throws {
    let own = try bulkJobs(in: snapshot).count {
      $0.state == .working && $0.owner.isSame(as: caller)
    }
    guard own < limits.bulkJobs else {
      throw PeerChartError(
        .tooManyRequests,
        "\(own) bulk jobs are being worked on for this caller; wait for them, or delete one")
    }
  }

  /// The newest version of a Group, if the caller may export it.
  private func group(_ id: String, _ reading: Reading) throws -> Result<Int64, WriteRefusal> {
    guard let row = try reading.snapshot.newestVersion(of: keys.recordKey("Group", id)),
      !row.isDeleted, row.storedAt <= reading.time.millisecondsSinceEpoch
    else { return .failure(WriteRefusal(cause: .absent(type: "Group", id: id))) }
    let record = try reading.open(row)
    switch try reading.decide(record, action: .export) {
    case .permit: return .success(row.number)
    case .deny(let reasons): return .failure(WriteRefusal(cause: .record(record, reasons)))
    }
  }

  /// Whether the patients named are here, and members of the Group, as far as the caller may know: for
  /// everybody else nothing is found of one who is not here, as of one who is not for them.
  private func requirePresence(of plan: ExportPlan, _ reading: Reading) throws {
    guard let named = plan.patients, reading.caller.seesAbsence else { return }
    let subject = try ExportSubject(plan, reading)
    guard named.allSatisfy({ subject.patients?.contains($0) ?? true }),
      try named.allSatisfy(reading.hasPatient)
    else {
      throw PeerChartError(
        .invalid, "a patient is not here, or no member of the group", place: "patient")
    }
  }
}

extension PeerChartError.Code {
  /// The caller asks for more at a time than is given.
  public static let tooManyRequests = Self("too-many-requests")
}
