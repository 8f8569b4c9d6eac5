; What each pattern captures is said by the one capture with a word of its own:
; @definition.KIND with @name and, where it has one, @body; @import with @module and @imported;
; @whole around an @inner that is a definition; @member of a class; @main; @branch; @reference.

(function_definition
  name: (identifier) @name
  body: (block) @body) @definition.function

(class_definition
  name: (identifier) @name
  body: (block) @body) @definition.class

(decorated_definition
  definition: (_) @inner) @whole

(module
  (expression_statement
    (assignment left: (identifier) @name)) @definition.value)

(module
  (type_alias_statement left: (type (_) @name)) @definition.type)

(class_definition
  body: (block
    (expression_statement (assignment left: (identifier))) @member))

(class_definition
  body: (block
    (expression_statement (assignment left: (identifier) !right)) @member))

(import_statement
  name: [
    (dotted_name) @module
    (aliased_import name: (dotted_name) @module)
  ]) @import

(import_from_statement
  module_name: (_) @module
  name: [
    (dotted_name) @imported
    (aliased_import name: (dotted_name) @imported)
  ]) @import

(import_from_statement
  module_name: (_) @module
  (wildcard_import) @imported) @import

(module
  (if_statement
    condition: (comparison_operator) @guard) @main
  (#match? @guard "__name__"))

[
  (if_statement)
  (elif_clause)
  (for_statement)
  (while_statement)
  (except_clause)
  (case_clause)
  (boolean_operator)
  (conditional_expression)
  (for_in_clause)
  (if_clause)
] @branch

(attribute attribute: (identifier) @reference)
(call function: (identifier) @reference)
(type (identifier) @reference)
(type (generic_type (identifier) @reference))
(type (binary_operator (identifier) @reference))
(class_definition superclasses: (argument_list (identifier) @reference))
(decorator (identifier) @reference)
(import_from_statement name: (dotted_name (identifier) @reference))
(import_from_statement name: (aliased_import name: (dotted_name (identifier) @reference)))
(except_clause (identifier) @reference)
(raise_statement (identifier) @reference)
