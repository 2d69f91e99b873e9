import Primitives

/// An object of an answer while it is put together. What `@flatten` takes out of the way is added to the
/// object around it, name by name.
final class GraphQLObject {
  enum Value {
    case scalar(JSONTree)
    case object(GraphQLObject)
    case null
  }

  /// How the values under one name are given.
  struct Shape {
    /// The FHIR type: what is put together under one name must have one.
    let type: String
    var isList: Bool
    /// `@singleton`.
    var isSingle = false
  }

  private struct Entry {
    var shape: Shape
    var values: [Value] = []
  }

  private var names: [String] = []
  private var entries: [String: Entry] = [:]

  /// - Throws: `invalid` for values of two types under one name, and for a second value where there can
  ///   be one.
  func add(_ value: Value, as name: String, _ shape: Shape) throws(PeerChartError) {
    try open(name, shape)
    let entry = entries[name]
    guard let entry, entry.shape.isList || entry.values.isEmpty else {
      throw PeerChartError(
        .invalid, "there is more than one value for a name that stands for one: use an alias")
    }
    entries[name]?.values.append(value)
  }

  /// A list, even if nothing comes into it.
  func open(_ name: String, _ shape: Shape) throws(PeerChartError) {
    let isList = shape.isList && !shape.isSingle
    guard let entry = entries[name] else {
      names.append(name)
      entries[name] = Entry(shape: Shape(type: shape.type, isList: isList))
      return
    }
    guard entry.shape.type == shape.type || entry.shape.type.isEmpty else {
      throw PeerChartError(.invalid, "values of different types come under one name: use an alias")
    }
  }

  /// What failed is null, unless values came under its name before.
  func fail(_ name: String) {
    guard entries[name] == nil else { return }
    names.append(name)
    entries[name] = Entry(shape: Shape(type: "", isList: false), values: [.null])
  }

  /// Whether anything but null is in it.
  var hasContent: Bool {
    entries.values.contains { entry in
      entry.shape.isList
        || entry.values.contains { value in if case .null = value { false } else { true } }
    }
  }

  var tree: JSONTree {
    .object(
      names.map { name in
        guard let entry = entries[name] else { return (name, .null) }
        let values = entry.values.map { value -> JSONTree in
          switch value {
          case .scalar(let tree): tree
          case .object(let object): object.tree
          case .null: .null
          }
        }
        return (name, entry.shape.isList ? .array(values) : values.first ?? .null)
      })
  }
}
