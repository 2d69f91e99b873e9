import FHIR
public import Primitives

/// Decides about data of the node that belongs to no patient: organizations, practitioners, places.
///
/// In an organization the workforce and paired peers look them up. In a household they would tell
/// whom the patient sees, so others than the patient, proxies and the node itself need an active
/// grant of some patient of the node. The administrator keeps the list and the node imports it.
public func evaluateShared(
  _ requester: Requester, action: ConsentAction, purpose: PurposeOfUse, time: Instant,
  grants: [Grant], profile: PolicyProfile
) -> Decision {
  let ownPeople =
    requester.isOwnNode && (requester.role == .patient || requester.role == .proxy)
  let keepers =
    requester.isOwnNode && (requester.role == .administrator || requester.role == .system)
  let allowed: Bool
  switch action {
  case .read, .search:
    allowed =
      keepers || ownPeople || profile == .organization
      || grants.contains { grant in
        grant.isInForce(at: time)
          && grant.permission.map { requester.matches($0.grantee) } ?? false
      }
  case .export, .write: allowed = keepers || (profile == .household && ownPeople)
  case .redisclose: allowed = false
  }
  guard allowed else {
    return .deny([Reason(profile == .household ? .noGrant : .roleNotPermitted)])
  }
  return .permit(
    Permit(
      patient: nil, recordType: .other, labels: .ordinary, action: action, purpose: purpose,
      time: time, basis: Permit.Basis(.sharedData), overridesDenial: false))
}
