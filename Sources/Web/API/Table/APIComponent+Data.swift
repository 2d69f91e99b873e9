import Consent
import FHIR

extension APIComponent {
  /// The shapes of charts and permissions.
  var dataSchema: JSONSchema {
    switch self {
    case .access:
      .object([
        .must("access_token", .text(.token), "A JWT, good for the API alone."),
        .must("token_type", .word(["Bearer"])), .must("expires_in", .integer(1...300)),
        .must("refresh_token", .text(.session), "Good once: each renewal brings another."),
        .must("acting_as", .text(.capacity)), .must("capacities", .list(.text(.capacity), 1...256)),
        .must("device", .text(.ticket)),
        .may(
          "recovery_codes", .list(.text(.line(64, example: "K3QF-7H2M")), 1...20), "Shown once."),
      ])
    case .profile:
      .object([
        .must(
          "name",
          .object([
            .must("family", .text(.line(80, example: "Samplewood"))),
            .must("given", .list(.text(.line(80, example: "Juniper")), 1...8)),
          ])), .must("birth_date", .text(.day)),
        .must("gender", .word(["male", "female", "other", "unknown"])),
        .may("phone", .text(.phone)), .may("email", .text(.email)),
        .may(
          "address",
          .object([
            .may("lines", .list(.text(.line(80, example: "1 Orchard Lane")), 1...4)),
            .may("city", .text(.line(80, example: "Exampleville"))),
            .may("state", .text(.line(40, example: "VT"))),
            .may("postal_code", .text(.postalCode)), .may("country", .text(.country)),
          ])), .may("language", .text(.language), "In which to speak with the patient."),
      ])
    case .storedProfile:
      .object([
        .must("patient_id", .text(.id)), .must("version", .integer(1...Int(Int32.max))),
        .must("last_updated", .text(.moment)),
        .may(
          "name",
          .object([
            .may("family", .text(.anything)), .must("given", .list(.text(.anything), 0...100)),
          ])), .may("birth_date", .text(.anything)), .may("gender", .text(.anything)),
        .may("phone", .text(.anything)), .may("email", .text(.anything)),
        .may(
          "address",
          .object([
            .must("lines", .list(.text(.anything), 0...100)), .may("city", .text(.anything)),
            .may("state", .text(.anything)), .may("postal_code", .text(.anything)),
            .may("country", .text(.anything)),
          ])), .may("language", .text(.anything)),
      ])
    case .registeredPatient:
      .object([
        .must("patient_id", .text(.id)), .must("version", .integer(1...Int(Int32.max))),
        .may("invitation_code", .text(.invitation), "For the patient, in an organization."),
        .may("relationship", .word(["parent", "caregiver"]), "In a household."),
        .may("until", .text(.moment), "How long the code or the relationship lasts."),
      ])
    case .recordContent:
      .object([.must("resource", .resource, "FHIR R4, which names the patient.")])
    case .record:
      .object([
        .must("id", .text(.record)), .must("record_type", .word(RecordTypeWord.all)),
        .must("version", .integer(1...Int(Int32.max))), .must("last_updated", .text(.moment)),
        .must("resource", .resource, "Byte for byte as it was stored."),
      ])
    case .recordPage:
      .object([
        .must("records", .list(.named(.record), 0...200)), .may("next", .text(.link)),
      ])
    case .sharingGrant:
      .object([
        .must(
          "provider_id", .text(.id),
          "A paired node, an account of the staff, or a provider on record."),
        .must("record_types", .list(.word(RecordTypeWord.accepted), 1...18, isSet: true)),
        .must("expiry_date", .text(.moment)), .must("purpose", .word(PurposeWord.accepted)),
      ])
    case .permission:
      .object([
        .must("id", .text(.id)), .must("patient_id", .text(.id)),
        .must("provider", .text(.anything), "Who, as the signed consent names them."),
        .must("record_types", .list(.word(RecordTypeWord.all), 0...17, isSet: true)),
        .must("purposes", .list(.word(PurposeWord.all), 0...15, isSet: true)),
        .may("granted_at", .text(.moment)), .may("expiry_date", .text(.moment)),
        .must("status", .word(["active", "revoked"])),
      ])
    case .permissionPage:
      .object([
        .must("permissions", .list(.named(.permission), 0...200)), .may("next", .text(.link)),
      ])
    case .revocation:
      .object([.must("id", .text(.id)), .must("status", .word(["revoked"]))])
    default: .object([])
    }
  }
}
