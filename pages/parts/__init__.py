"""Parts of the pages: what a message, a receipt, a composer or a form looks like"""
