//! The small language of laws: arithmetic on numbers and vectors, with the rounding error of the result.
//!
//! What it knows is listed by `grammar`. Not here: evaluation (`evaluate`), where names get their values from (`audit`, `attribution`).

mod error;
mod evaluate;
mod parse;
mod relation;

pub use error::ExpressionError;
pub use evaluate::{BoundedValue, Names, Nothing, Why, evaluate, truth};
pub use parse::parse;
pub use relation::Relation;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A key, or a value given by the user.
    Name(String),
    /// One component, counted from 0.
    Component(Box<Expr>, usize),
    /// A function and its arguments.
    Call(Function, Vec<Expr>),
    /// Two sides and what is between them.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// The negative.
    Negative(Box<Expr>),
}

/// What stands between two expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Compare(Relation),
    And,
}

macro_rules! functions {
    ($($variant:ident, $name:literal, $arguments:literal;)+) => {
        /// A function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Function { $($variant),+ }

        impl Function {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The function of this name and the number of its arguments.
            pub fn named(name: &str) -> Option<(Self, usize)> {
                match name { $($name => Some((Self::$variant, $arguments)),)+ _ => None }
            }

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

functions! {
    Norm, "norm", 1;
    Unit, "unit", 1;
    Dot, "dot", 2;
    Cross, "cross", 2;
    Vec, "vec", 3;
    Sqrt, "sqrt", 1;
    Abs, "abs", 1;
    Sin, "sin", 1;
    Cos, "cos", 1;
    Exp, "exp", 1;
    Ceil, "ceil", 1;
    Interference, "interference", 2;
    Single, "single", 1;
    If, "if", 3;
    Sum, "sum", 1;
    Count, "count", 1;
    Spread, "spread", 1;
}

/// What an expression may be made of, in one sentence of Markdown.
pub fn grammar() -> String {
    let quoted = |names: &mut dyn Iterator<Item = &'static str>| -> Vec<String> {
        names.map(|word| format!("`{word}`")).collect()
    };
    let relations = quoted(&mut Relation::ALL.iter().map(|(sign, _)| *sign)).join(", ");
    let functions = quoted(&mut Function::ALL.iter().map(|function| function.name()));
    let (last, others) = functions
        .split_last()
        .map_or((String::new(), String::new()), |(last, others)| (last.clone(), others.join(", ")));
    format!(
        "`name`, `name[0]`, `prev.name`, `pi`, `+ - * / ^`, {relations}, `and`, and the functions {others} and {last}"
    )
}

impl Expr {
    /// The factors of a product with their exponents (+1, −1 below the line), in order; a power keeps to its base.
    pub fn factors(&self) -> Vec<(&Self, i32)> {
        let mut out = Vec::new();
        self.collect_factors(1, &mut out);
        out
    }

    fn collect_factors<'a>(&'a self, sign: i32, out: &mut Vec<(&'a Self, i32)>) {
        match self {
            Self::Binary(Operator::Multiply, a, b) => {
                a.collect_factors(sign, out);
                b.collect_factors(sign, out);
            }
            Self::Binary(Operator::Divide, a, b) => {
                a.collect_factors(sign, out);
                b.collect_factors(-sign, out);
            }
            _ => out.push((self, sign)),
        }
    }

    /// All names in it, in order, repetitions included.
    pub fn names(&self) -> Vec<&str> {
        let mut out = Vec::new();
        self.visit(&mut |e| {
            if let Self::Name(name) = e {
                out.push(name.as_str());
            }
        });
        out
    }

    fn visit<'a>(&'a self, seen: &mut dyn FnMut(&'a Self)) {
        seen(self);
        match self {
            Self::Number(_) | Self::Name(_) => {}
            Self::Component(inner, _) | Self::Negative(inner) => inner.visit(seen),
            Self::Call(_, arguments) => arguments.iter().for_each(|a| a.visit(seen)),
            Self::Binary(_, a, b) => {
                a.visit(seen);
                b.visit(seen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_taken_apart_into_factors() {
        let law = parse("a * b^2 / c * if(d, 1, e)").unwrap();
        let factors: Vec<(Vec<&str>, i32)> =
            law.factors().iter().map(|(e, sign)| (e.names(), *sign)).collect();
        assert_eq!(factors, [(vec!["a"], 1), (vec!["b"], 1), (vec!["c"], -1), (vec!["d", "e"], 1)]);
    }

    #[test]
    fn functions_are_found_by_the_name_they_give() {
        for name in ["norm", "interference", "if", "count"] {
            assert_eq!(Function::named(name).unwrap().0.name(), name);
        }
        assert_eq!(Function::named("system"), None);
    }
}
