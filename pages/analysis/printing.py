"""A dashboard on paper: one button opens the browser's print dialog, where it can be saved as a PDF."""

import streamlit as st

SHEET = """<style>
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  html, body, #root, [data-testid=stApp], [data-testid=stAppViewContainer], [data-testid=stMain],
  [data-testid=stMainBlockContainer] {
    height: auto !important; max-height: none !important; overflow: visible !important; position: static !important;
  }
  [data-testid=stHeader], [data-testid=stSidebar], [data-testid=stToolbar], [data-testid=stPopover],
  [data-testid=stButton], [data-testid=stDownloadButton], [data-testid=stPageLink], [data-testid=stElementToolbar],
  [data-testid=stStatusWidget], .modebar { display: none !important; }
  [data-testid=stMainBlockContainer] { padding: 0 !important; max-width: none !important; }
  [data-testid=stPlotlyChart], [data-testid=stMetric], [data-testid=stDataFrame] { break-inside: avoid; }
}
</style>"""
PRINT = "<script>setTimeout(() => window.print(), 400)</script>"


@st.fragment
def print_button() -> None:
    """A fragment: the charts must not be drawn anew just when they are printed."""
    if st.button("Print", icon=":material/print:", type="tertiary", key="print", help="Print, or save as a PDF"):
        st.html(PRINT, unsafe_allow_javascript=True)
