/// Which patients a resource belongs to: FHIR's Patient compartment (R4 CompartmentDefinition
/// `patient`), and the elements of types outside it that name a patient all the same (`Task.for`).
public enum PatientCompartment {
  /// The patients that a resource refers to by a literal reference to a Patient, without repetition.
  ///
  /// First the one whose record it is: the Patient itself; else its `patient`, `subject`,
  /// `beneficiary` or `individual`; then those who have a part in it (author, performer, payer).
  /// Empty for shared data (Organization, Practitioner, Medication), and where a reference names no
  /// id (`#contained`, a logical reference): `isPatientBound` tells the two apart.
  public static func patients(of resource: Resource) -> [ReferenceTarget] {
    var found: [ReferenceTarget] = []
    if resource.type == "Patient", let id = resource.id {
      found.append(ReferenceTarget(type: "Patient", id: id))
    }
    for path in pathsByType[resource.type] ?? [] {
      _ = path.visit(resource.root) { value in
        if let target = value["reference"]?.string.flatMap(ReferenceTarget.init(parsing:)),
          target.type == "Patient", !found.contains(target)
        {
          found.append(target)
        }
        return found.count < maximumPatients
      }
    }
    return found
  }

  /// Whether resources of a type belong to patients, so that one without a patient that can be found is
  /// not shared data.
  public static func isPatientBound(_ type: String) -> Bool { pathsByType[type] != nil }

  /// A Group may list very many; what reads this decides about a chart, not about a population.
  private static let maximumPatients = 1000

  private static let pathsByType: [String: [SearchPath]] = {
    var byType: [String: [SearchPath]] = [:]
    var paths: [SearchPath] = []
    for line in r4.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      if line.first == " " {
        for type in words { byType[type] = paths }
      } else {
        paths = words.map {
          SearchPath(steps: SearchPath.steps($0[...]), type: .reference, target: "Patient")
        }
      }
    }
    return byType
  }()
}
