//! Generates the code of a stage.

use super::meta;
use super::model::{Input, Instead, Output, Param, Passing, Place, Refusal, Stage, Stub};
use super::{policy, types};
use crate::adds::Added;
use crate::runtime::*;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Emits the struct of the stage, its `new`, and its implementation of the runtime's trait.
pub(super) fn stage(stage: &Stage) -> TokenStream {
    let Stage { shell, .. } = stage;
    let name = &shell.name;
    let at = place_of(name);
    let of_impls = shell.of_impls();
    let of_impls = quote_spanned! {at=>
        #(#of_impls)*
        #[allow(
            deprecated, dead_code, unreachable_pub, clippy::new_ret_no_self, clippy::too_many_arguments,
            reason = "generated from a function that answers for itself"
        )]
    };
    let (new, meta, spec, start) = (new(stage), meta::meta(stage), spec(stage), start(stage));
    let (prints, allows) = (prints(stage), allows(name, &stage.adds, &of_impls));
    let output = stage.output.value();
    let inputs = stage.inputs().map(|input| {
        let held = input.held();
        quote_spanned!(place_of(&input.ty)=> #INPUT<#held>)
    });
    let inputs = quote_spanned!(stage.inputs_at.resolved_at(at)=> (#(#inputs,)*));
    quote_spanned! {at=>
        #shell

        #of_impls
        impl #name { #new }

        #of_impls
        impl #STAGE for #name {
            type Output = #output;
            type Inputs = #inputs;
            #meta
            #spec
            #start
            #prints
        }

        #allows
    }
}

/// Emits the impls for the stages that a running node may add.
fn allows(name: &Ident, adds: &[Added], of_impls: &TokenStream) -> TokenStream {
    let declared = adds.iter().map(|added| added.allows(name, of_impls));
    let mark = (!adds.is_empty()).then(|| {
        quote_spanned! {place_of(name)=>
            #of_impls
            impl #MARK for #name {}
        }
    });
    quote!(#(#declared)* #mark)
}

/// Emits all errors, and as much of the stage as possible.
pub(super) fn refusal(refusal: &Refusal) -> TokenStream {
    let errors = refusal.error.to_compile_error();
    match &refusal.instead {
        Instead::Nothing => errors,
        Instead::Stage(refused) => {
            let stage = stage(refused);
            quote!(#errors #stage)
        }
        Instead::Stub(refused) => {
            let stub = stub(refused);
            quote!(#errors #stub)
        }
    }
}

/// Emits a stage that is never run, and accepts every call with the right number of inputs.
fn stub(stub: &Stub) -> TokenStream {
    let Stub { shell, adds, inputs, output } = stub;
    let (vis, name) = (&shell.vis, &shell.name);
    let of_impls = shell.of_impls();
    let of_impls = quote!(#(#of_impls)* #[allow(warnings, reason = "it is never compiled")]);
    let output = output.value();
    let allows = allows(name, adds, &of_impls);
    quote! {
        #shell

        #of_impls
        impl #name {
            #vis fn new(#(#inputs: impl ::core::marker::Sized),*) -> #CALL<#name> {
                ::core::unreachable!()
            }
        }

        #of_impls
        impl #STAGE for #name {
            type Output = #output;
            type Inputs = ();

            fn spec() -> &'static #STAGE_SPEC {
                ::core::unreachable!()
            }

            fn start((): (), _: &#STARTING<'_>) -> #STARTED {
                ::core::unreachable!()
            }
        }

        #allows
    }
}

impl Stage {
    fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.params.iter().filter_map(|param| match param {
            Param::Input(input) => Some(input),
            Param::Context(_) => None,
        })
    }
}

impl Input {
    /// Returns the name with a generated span, so that no lint reports that `new` uses a parameter like `_n`.
    fn own_name(&self) -> Ident {
        let mut name = self.name.clone();
        name.set_span(place_of(&self.name));
        name
    }

    /// Returns the type of the upstream output.
    fn held(&self) -> TokenStream {
        let ty = &self.ty;
        match self.passing {
            Passing::Value => ty.to_token_stream(),
            Passing::Lent => {
                let owned = OWNED.at(place_of(ty));
                quote_spanned!(place_of(ty)=> #owned<#ty>)
            }
        }
    }
}

impl Output {
    /// Returns the type of the node's output. Only the compiler knows whether the written type is a `Result`.
    fn value(&self) -> TokenStream {
        match self {
            Self::Nothing => quote!(()),
            Self::Written(ty) => {
                // The path starts and ends where the output does, so that an error covers the whole output.
                let (start, end) = ends_of(types::value_of(ty));
                let is_result = quote! {{
                    use #PLAIN as _;
                    <#PROBE<#ty>>::IS_RESULT
                }};
                let open = quote_spanned!(start=> <);
                let output = quote_spanned!(end=> Output);
                quote!(#open #EITHER<#is_result> as #RETURNS<#ty>>::#output)
            }
        }
    }
}

fn new(stage: &Stage) -> TokenStream {
    let (vis, stage_name) = (&stage.shell.vis, &stage.shell.name);
    let at = place_of(stage_name);
    let doc = format!(
        "A call of the stage `{}`, to be added to a workflow. Each input is a value, or the handle of a node \
         with that output.",
        stage.shell.text(),
    );
    let params = stage.inputs().map(|input| {
        let (name, held) = (input.own_name(), input.held());
        quote_spanned!(at=> #name: impl #INTO_INPUT<#held>)
    });
    let inputs = stage.inputs().map(|input| {
        let name = input.own_name();
        quote_spanned!(at=> #INTO_INPUT::into_input(#name))
    });
    quote_spanned! {at=>
        #[doc = #doc]
        #vis fn new(#(#params),*) -> #CALL<#stage_name> {
            #MAKE_CALL((#(#inputs,)*))
        }
    }
}

fn spec(stage: &Stage) -> TokenStream {
    let name = match &stage.name {
        Some(name) => name.to_token_stream(),
        None => stage.shell.text().to_token_stream(),
    };
    let version = stage.version.clone().unwrap_or_else(|| quote!(1));
    let place = match stage.place {
        Place::Async => quote!(Async),
        Place::Compute => quote!(Compute),
        Place::Blocking => quote!(Blocking),
        Place::Inline => quote!(Inline),
    };
    let no_context = no_context(stage);
    let adding = (!stage.adds.is_empty()).then(|| {
        let adds = stage.adds.iter().map(Added::declared_by_stage);
        quote!(.adding(|| #ADDING::declared()#(#adds)*.into_adds()))
    });
    let asking = (!stage.asked.is_empty()).then(|| {
        let asked = policy::tokens(&stage.asked);
        quote!(.asking(#ATTEMPT_POLICY::new()#asked))
    });
    let needing = (!stage.needed.is_empty()).then(|| {
        let needed = policy::tokens(&stage.needed);
        quote!(.needing(#NEEDS::new()#needed))
    });
    let ranking = (!stage.ranked.is_empty()).then(|| {
        let ranked = policy::tokens(&stage.ranked);
        quote!(.ranked(#RANK::new()#ranked))
    });
    quote_spanned! {place_of(&stage.shell.name)=>
        fn spec() -> &'static #STAGE_SPEC {
            static SPEC: #STAGE_SPEC = {
                #no_context
                #STAGE_SPEC::new(#name, #version, #PLACE::#place, ::core::module_path!())#adding #ranking #asking #needing
            };
            &SPEC
        }
    }
}

/// Emits assertions that no reference input is the context under another name, which only the compiler knows.
fn no_context(stage: &Stage) -> Option<TokenStream> {
    let mut lent = stage.inputs().filter(|input| input.passing == Passing::Lent).peekable();
    lent.peek()?;
    let asserts = lent.map(|Input { ty, .. }| {
        let assert = ASSERT_NO_CONTEXT.at(place_of(ty));
        quote_spanned!(place_of(ty)=> #assert(<#PROBE<#ty>>::IS_CONTEXT);)
    });
    Some(quote! {
        use #PLAIN as _;
        #(#asserts)*
    })
}

/// Emits `start`, which calls the user's function with the inputs and passes its result to the runtime.
fn start(stage: &Stage) -> TokenStream {
    let at = place_of(&stage.shell.name);
    let slots = (0..stage.inputs().count()).map(slot);
    let call = call(stage);
    let context = stage.params.iter().find_map(|param| match param {
        Param::Context(ty) => Some(ty),
        Param::Input(_) => None,
    });
    let (starting, context) = match context {
        Some(ty) => {
            let context = CONTEXT.at(place_of(ty));
            let context = quote_spanned!(place_of(ty)=> #context::<#ty>(__dag_starting));
            (quote_spanned!(at=> __dag_starting), Some(quote_spanned!(at=> let __dag_context = #context;)))
        }
        None => (quote_spanned!(at=> _), None),
    };
    let probe = matches!(stage.output, Output::Written(_)).then(|| quote_spanned!(at=> use #PLAIN as _;));
    let started = match stage.place {
        Place::Async => {
            let start = START_ASYNC.at(at);
            quote_spanned!(at=> #start(async move { #call }))
        }
        _ => {
            let start = START_NOW.at(at);
            quote_spanned!(at=> #start(#call))
        }
    };
    quote_spanned! {at=>
        fn start((#(#slots,)*): Self::Inputs, #starting: &#STARTING<'_>) -> #STARTED {
            #probe
            #context
            #started
        }
    }
}

/// Emits the fingerprints of the inputs, if there are any. `#[inline]` defers compilation to the calls that have a key.
fn prints(stage: &Stage) -> Option<TokenStream> {
    let at = place_of(&stage.shell.name);
    let prints = stage.inputs().enumerate().map(|(index, input)| {
        let (slot, held) = (slot(index), input.held());
        quote_spanned!(place_of(&input.ty)=> <#PRINTER<#held>>::print_of_input(#slot))
    });
    let slots = (0..stage.inputs().count()).map(slot);
    stage.inputs().next()?;
    Some(quote_spanned! {at=>
        #[inline]
        fn prints(__dag_inputs: &Self::Inputs) -> #PRINTS {
            #[allow(unused_imports, reason = "it is the way of inputs that cannot be hashed")]
            use #UNPRINTED as _;
            let (#(#slots,)*) = __dag_inputs;
            #PRINTS::new([#(#prints),*])
        }
    })
}

fn call(stage: &Stage) -> TokenStream {
    let mut slots = (0..).map(slot);
    let arguments = stage.params.iter().map(|param| match param {
        Param::Context(_) => quote_spanned!(Span::mixed_site()=> &__dag_context),
        Param::Input(input) => argument(input, &slots.next().to_token_stream()),
    });
    // rustc reports errors about the output at this span.
    let at = match &stage.output {
        Output::Nothing => place_of(&stage.shell.name),
        Output::Written(written) => place_of(written),
    };
    let mut name = stage.shell.name.clone();
    name.set_span(at.resolved_at(name.span()));
    let wait = (stage.place == Place::Async).then(|| quote_spanned!(at=> .await));
    let called = quote_spanned!(at=> #name(#(#arguments),*) #wait);
    match &stage.output {
        Output::Nothing => {
            let end = INFALLIBLE.at(at);
            quote_spanned!(at=> #end::<Self>(#called))
        }
        Output::Written(written) => {
            let (end, error) = (FALLIBLE.at(at), inferred_at(types::error_of(written)));
            quote_spanned!(at=> #end::<Self, #error, _>(<#PROBE<#written>>::split(#called)))
        }
    }
}

fn argument(input: &Input, slot: &TokenStream) -> TokenStream {
    let (at, ty) = (place_of(&input.ty), &input.ty);
    match input.passing {
        Passing::Value => {
            let by_value = BY_VALUE.at(at);
            quote_spanned!(at=> #by_value::<#ty, _>(#slot))
        }
        Passing::Lent => {
            let lend = LEND.at(at);
            quote_spanned!(at=> #lend::<#ty>(&#slot))
        }
    }
}

fn slot(index: usize) -> Ident {
    Ident::new(&format!("__dag_{index}"), Span::mixed_site())
}
