import FHIR

/// An operation of RFC 6902, applied to a tree without any bytes: what the patches are compared with.
enum ModelOperation {
  case add([String], JSONTree)
  case remove([String])
  case replace([String], JSONTree)
  case copy([String], [String])
  case move([String], [String])
  case test([String], JSONTree)

  var json: JSONTree {
    switch self {
    case .add(let path, let value): members("add", path, [("value", value)])
    case .remove(let path): members("remove", path, [])
    case .replace(let path, let value): members("replace", path, [("value", value)])
    case .copy(let from, let path): members("copy", path, [("from", .string(pointer(from)))])
    case .move(let from, let path): members("move", path, [("from", .string(pointer(from)))])
    case .test(let path, let value): members("test", path, [("value", value)])
    }
  }

  private func members(_ name: String, _ path: [String], _ rest: [(String, JSONTree)]) -> JSONTree {
    .object([("op", .string(name)), ("path", .string(pointer(path)))] + rest)
  }

  private func pointer(_ tokens: [String]) -> String {
    tokens.map { token in
      "/" + token.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
    }.joined()
  }

  /// The tree afterwards; nil where the operation cannot be done, or where it would take the type of
  /// the resource away or give it an id.
  func apply(to tree: JSONTree) -> JSONTree? {
    let result: JSONTree?
    switch self {
    case .add(let path, let value): result = PatchModel.add(tree, path[...], value)
    case .remove(let path): result = PatchModel.remove(tree, path[...])
    case .replace(let path, let value):
      result = PatchModel.get(tree, path[...]).flatMap { _ in PatchModel.set(tree, path[...], value)
      }
    case .copy(let from, let path):
      result = PatchModel.get(tree, from[...]).flatMap { PatchModel.add(tree, path[...], $0) }
    case .move(let from, let path):
      guard let value = PatchModel.get(tree, from[...]),
        !(path.count > from.count && path.starts(with: from))
      else { return nil }
      if from == path { return tree }
      result = PatchModel.remove(tree, from[...]).flatMap { PatchModel.add($0, path[...], value) }
    case .test(let path, let value):
      result = PatchModel.get(tree, path[...]) == value ? tree : nil
    }
    guard let result, PatchModel.get(result, ["resourceType"]) == .string("Basic"),
      PatchModel.get(result, ["id"]) == nil
    else { return nil }
    if let meta = PatchModel.get(result, ["meta"]), case .object = meta { return result }
    return PatchModel.get(result, ["meta"]) == nil ? result : nil
  }
}

/// JSON Pointers on a tree.
enum PatchModel {
  static func index(_ token: String) -> Int? {
    guard token == "0" || token.first != "0", token.allSatisfy(\.isNumber) else { return nil }
    return Int(token)
  }

  static func get(_ tree: JSONTree, _ path: ArraySlice<String>) -> JSONTree? {
    guard let token = path.first else { return tree }
    switch tree {
    case .object(let members):
      return members.first { $0.0 == token }.flatMap { get($0.1, path.dropFirst()) }
    case .array(let elements):
      guard let index = index(token), index < elements.count else { return nil }
      return get(elements[index], path.dropFirst())
    default: return nil
    }
  }

  /// Changes what holds the last step of a path.
  private static func change(
    _ tree: JSONTree, _ path: ArraySlice<String>, _ body: (JSONTree, String) -> JSONTree?
  ) -> JSONTree? {
    guard let token = path.first else { return nil }
    if path.count == 1 { return body(tree, token) }
    switch tree {
    case .object(var members):
      guard let place = members.firstIndex(where: { $0.0 == token }),
        let inner = change(members[place].1, path.dropFirst(), body)
      else { return nil }
      members[place].1 = inner
      return .object(members)
    case .array(var elements):
      guard let place = index(token), place < elements.count,
        let inner = change(elements[place], path.dropFirst(), body)
      else { return nil }
      elements[place] = inner
      return .array(elements)
    default: return nil
    }
  }

  static func set(_ tree: JSONTree, _ path: ArraySlice<String>, _ value: JSONTree) -> JSONTree? {
    if path.isEmpty { return value }
    return change(tree, path) { container, token in
      switch container {
      case .object(var members):
        guard let place = members.firstIndex(where: { $0.0 == token }) else { return nil }
        members[place].1 = value
        return .object(members)
      case .array(var elements):
        guard let place = index(token), place < elements.count else { return nil }
        elements[place] = value
        return .array(elements)
      default: return nil
      }
    }
  }

  static func add(_ tree: JSONTree, _ path: ArraySlice<String>, _ value: JSONTree) -> JSONTree? {
    if path.isEmpty { return value }
    return change(tree, path) { container, token in
      switch container {
      case .object(var members):
        if let place = members.firstIndex(where: { $0.0 == token }) {
          members[place].1 = value
        } else {
          members.append((token, value))
        }
        return .object(members)
      case .array(var elements):
        guard let place = token == "-" ? elements.count : index(token), place <= elements.count
        else {
          return nil
        }
        elements.insert(value, at: place)
        return .array(elements)
      default: return nil
      }
    }
  }

  static func remove(_ tree: JSONTree, _ path: ArraySlice<String>) -> JSONTree? {
    change(tree, path) { container, token in
      switch container {
      case .object(var members):
        guard let place = members.firstIndex(where: { $0.0 == token }) else { return nil }
        members.remove(at: place)
        return .object(members)
      case .array(var elements):
        guard let place = index(token), place < elements.count else { return nil }
        elements.remove(at: place)
        return .array(elements)
      default: return nil
      }
    }
  }

  /// The pointers to all values of a tree.
  static func pointers(of tree: JSONTree) -> [[String]] {
    switch tree {
    case .object(let members):
      return [[]] + members.flatMap { name, value in pointers(of: value).map { [name] + $0 } }
    case .array(let elements):
      return [[]]
        + elements.enumerated().flatMap { index, value in
          pointers(of: value).map { [String(index)] + $0 }
        }
    default: return [[]]
    }
  }
}
