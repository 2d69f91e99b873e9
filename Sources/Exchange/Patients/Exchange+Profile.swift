import Consent
import FHIR
public import Primitives

/// A profile on its way out.
public struct ReleasedProfile: Sendable {
  public let patient: String
  public let version: Int64
  public let lastUpdated: Instant
  public let profile: PatientProfile

  init(_ released: ReleasedResource) throws {
    patient = released.id
    version = released.version
    lastUpdated = released.lastUpdated
    profile = PatientProfile(try Resource(parsing: released.json))
  }
}

extension Exchange {
  /// The profile of the patient whom the caller is or acts for.
  ///
  /// - Throws: as `read`; `forbidden` for callers who are no patient and act for none.
  public func profile(as caller: Caller) async throws -> ReleasedProfile {
    try ReleasedProfile(
      try await read("Patient", id: Self.ownPatient(caller), as: caller))
  }

  /// Changes what a profile holds, and nothing else in the patient's record.
  ///
  /// - Throws: as `patch`; `forbidden` as above; `invalid` for a day of birth that is to come.
  public func setProfile(
    _ profile: PatientProfile, expecting: VersionCondition, as caller: Caller
  ) async throws -> ReleasedProfile {
    let patient = try Self.ownPatient(caller)
    try checkBirth(profile)
    let stored = try await writing(caller) { writer in
      try writer.revise("Patient", id: patient, expecting: expecting) {
        profile.written(into: $0)
      }
    }
    return try ReleasedProfile(stored.resource)
  }

  /// - Throws: `forbidden`.
  static func ownPatient(_ caller: Caller) throws -> String {
    guard caller.role == .patient || caller.role == .proxy, let patient = caller.patients.first
    else {
      throw PeerChartError(.forbidden, "this is for patients and those who act for one")
    }
    return patient
  }

  func checkBirth(_ profile: PatientProfile) throws {
    guard let day = profile.birthDate else { return }
    guard day <= clock.now().description.prefix(10) else {
      throw PeerChartError(.invalid, "nobody is born on a day to come", place: "birth_date")
    }
  }
}
