import Exchange
import FHIR
import HTTPTypes
import Hummingbird
import Primitives

extension APIRoutes {
  func registerPatient(_ call: APICall) async throws -> Response {
    let registered = try await exchange.registerPatient(
      PatientProfile(call.root), as: try call.caller())
    return Self.json(
      [
        ("patient_id", .string(registered.patient)),
        ("version", .number(String(registered.version))),
        ("invitation_code", .maybe(registered.code?.text.exposed)),
        ("relationship", .maybe(registered.relationship?.rawValue)),
        ("until", .maybe(registered.until?.description)),
      ], status: .created)
  }

  func readProfile(_ call: APICall) async throws -> Response {
    Self.profile(try await exchange.profile(as: try call.caller()))
  }

  func replaceProfile(_ call: APICall) async throws -> Response {
    Self.profile(
      try await exchange.setProfile(
        PatientProfile(call.root), expecting: try call.condition(), as: try call.caller()))
  }

  private static func profile(_ released: ReleasedProfile) -> Response {
    let profile = released.profile
    let name = profile.name.map {
      object([("family", .maybe($0.family)), ("given", .texts($0.given))])
    }
    let address = profile.address.map {
      object([
        ("lines", .texts($0.lines)), ("city", .maybe($0.city)), ("state", .maybe($0.state)),
        ("postal_code", .maybe($0.postalCode)), ("country", .maybe($0.country)),
      ])
    }
    return json(
      [
        ("patient_id", .string(released.patient)),
        ("version", .number(String(released.version))),
        ("last_updated", .string(released.lastUpdated.description)), ("name", name),
        ("birth_date", .maybe(profile.birthDate)), ("gender", .maybe(profile.gender)),
        ("phone", .maybe(profile.phone)), ("email", .maybe(profile.email)),
        ("address", address), ("language", .maybe(profile.language)),
      ], fields: [.eTag: EntityTag.text(released.version)])
  }
}

extension PatientProfile {
  /// A body of the shape `Profile`.
  fileprivate init(_ value: JSONValue?) {
    self.init()
    name = value?["name"].map {
      Name(
        family: $0["family"]?.string, given: $0["given"]?.elements.compactMap(\.string) ?? [])
    }
    birthDate = value?["birth_date"]?.string
    gender = value?["gender"]?.string
    phone = value?["phone"]?.string
    email = value?["email"]?.string
    address = value?["address"].flatMap { address in
      // FHIR has no empty elements.
      address.count == 0
        ? nil
        : Address(
          lines: address["lines"]?.elements.compactMap(\.string) ?? [],
          city: address["city"]?.string, state: address["state"]?.string,
          postalCode: address["postal_code"]?.string, country: address["country"]?.string)
    }
    language = value?["language"]?.string
  }
}
