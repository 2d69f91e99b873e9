import Consent
import FHIR
import Primitives

extension Oracle {
  // MARK: the role table

  struct Row {
    let name: String
    let role: String
    let types: Set<String>
    let actions: String
    let purposes: String
    let tie: String?
    var asksConsent = false
  }

  static let allTypes: Set<String> = [
    "demographics", "problems", "medications", "allergies", "immunizations", "lab-results",
    "vital-signs", "progress-notes", "discharge-summaries", "radiology-reports", "insurance",
    "claims", "procedures", "encounters", "care-plans", "devices", "other",
  ]

  static let table: [Row] = [
    Row(
      name: "patient-access", role: "patient", types: allTypes, actions: "read search export",
      purposes: "PATRQT", tie: "self"),
    Row(
      name: "proxy-access", role: "proxy", types: allTypes, actions: "read search export",
      purposes: "PATRQT FAMRQT", tie: "proxy"),
    Row(
      name: "clinician-treatment", role: "clinician",
      types: allTypes.subtracting(["insurance", "claims"]), actions: "read search write export",
      purposes: "TREAT ETREAT CAREMGT", tie: "treating"),
    Row(
      name: "nurse-treatment", role: "nurse", types: allTypes.subtracting(["insurance", "claims"]),
      actions: "read search write", purposes: "TREAT ETREAT CAREMGT", tie: "treating"),
    Row(
      name: "pharmacist-dispensing", role: "pharmacist",
      types: [
        "demographics", "allergies", "medications", "problems", "immunizations",
        "lab-results", "vital-signs", "insurance",
      ],
      actions: "read search", purposes: "TREAT ETREAT CAREMGT", tie: "treating"),
    Row(
      name: "pharmacist-record", role: "pharmacist", types: ["medications", "immunizations"],
      actions: "write", purposes: "TREAT", tie: "treating"),
    Row(
      name: "front-desk-registration", role: "front-desk",
      types: ["demographics", "insurance", "encounters"], actions: "read search write",
      purposes: "TREAT HPAYMT HOPERAT", tie: nil),
    Row(
      name: "biller-payment", role: "biller",
      types: ["demographics", "insurance", "claims", "encounters", "procedures", "problems"],
      actions: "read search", purposes: "HPAYMT COVERAGE", tie: nil),
    Row(
      name: "biller-claims", role: "biller", types: ["insurance", "claims"],
      actions: "write export", purposes: "HPAYMT COVERAGE", tie: nil),
    Row(
      name: "researcher-authorized", role: "researcher", types: allTypes,
      actions: "read search export", purposes: "HRESCH", tie: nil, asksConsent: true),
    Row(
      name: "privacy-officer-operations", role: "privacy-officer", types: allTypes,
      actions: "read search export", purposes: "HOPERAT HLEGAL PATRQT", tie: nil),
  ]

  /// Rows that fit but perhaps for the tie.
  var rowsButForTie: [Row] {
    if household { return [] }
    return Oracle.table.filter { row in
      row.role == role && row.types.contains(type)
        && row.actions.split(separator: " ").contains { $0 == action }
        && row.purposes.split(separator: " ").contains { $0 == purpose }
        && (who.isOwnNode || row.role == "patient" || row.role == "proxy")
    }
  }

  var fittingRows: [Row] { rowsButForTie.filter { $0.tie == nil || $0.tie == tie } }

  func counts(_ grant: Grant) -> Bool {
    guard let permission = grant.permission else { return false }
    if Oracle.words(permission.grantee).hasPrefix("person ") { return true }
    if role == "patient" || role == "proxy" { return false }
    if role == "system" { return true }
    if !household && who.isOwnNode { return !fittingRows.isEmpty }
    return true
  }
}
