/// The namespace of generated types, so that `Proto.Lab` (bytes) and `Lab` (the model) can be named side by side.
enum Proto {}
